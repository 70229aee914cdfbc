import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { ok, type Result } from "../../base/result.ts";
import { findUncovered, type CoverageGate } from "../../llama/imatrix-coverage.ts";
import { rangesOf, type Range } from "../../plan/ranges.ts";
import { checkImatrixOf } from "./imatrix-check.ts";
import { countsIn } from "./imatrix-info.ts";
import { collectRange, type RangeParams } from "./imatrix.ts";
import { readJson } from "./read-json.ts";
import type { StepContext, StepImplementation } from "./step.ts";
import { windowsOf } from "./windows.ts";

interface TopUpParams extends RangeParams {
  readonly gate: CoverageGate;
}

/** How far more text has brought it. */
export interface TopUpInfo {
  /** When this step began, or ended with nothing left to cover. */
  readonly covered: boolean;
  /** What each source has given so far; those that gave nothing are left out. */
  readonly sources: readonly { readonly id: string; readonly chunks: number }[];
}

/**
 * Goes on with more text of one source where what was collected leaves weights uncovered; else, and where the source has
 * no more, gives what was there. The matrix of more text is an empty file as long as there is none.
 */
export const topUp: StepImplementation = {
  run: (context) => context.repeat(() => addMore(context)),
  check: (output, path, context) => {
    if (output !== "added") return ok(null);
    const { sources } = JSON.parse(readFileSync(context.path("info"), "utf8")) as TopUpInfo;
    const windows = sources.reduce((sum, { chunks }) => sum + chunks, 0);
    return windows === 0 ? ok(null) : checkImatrixOf(path, context, windows * paramsOf(context).context);
  },
};

const paramsOf = (context: StepContext): TopUpParams => context.spec.params as unknown as TopUpParams;

const addMore = async (context: StepContext): Promise<Result<null>> => {
  const previous = context.inputs.get("previous.gguf");
  const before: TopUpInfo =
    previous === undefined ? { covered: false, sources: [] } : (readJson(context, "previous/info") as TopUpInfo);
  const covered = before.covered ? ok(true) : isCovered(context, previous?.size === 0 ? [] : ["previous.gguf"]);
  if (!covered.ok) return covered;
  const { source, range } = paramsOf(context);
  const part = rangesOf(windowsOf(context, source))[range - 1];
  if (covered.value || part === undefined || part.chunks === 0) return passOn(context, before, covered.value);
  return collect(context, part, before);
};

/** @param added roles of the matrix of more text */
const isCovered = (context: StepContext, added: readonly string[]): Result<boolean> => {
  const roles = [...context.inputs.keys()].filter((role) => role.startsWith("parts/") || added.includes(role));
  const counts = countsIn(
    context,
    roles.map((role) => context.input(role).path),
  );
  return counts.ok ? ok(findUncovered(counts.value, paramsOf(context).gate).length === 0) : counts;
};

const passOn = (context: StepContext, before: TopUpInfo, covered: boolean): Result<null> => {
  const previous = context.inputs.get("previous.gguf");
  if (previous === undefined) writeFileSync(context.path("added"), "");
  else copyFileSync(previous.path, context.path("added"));
  writeInfo(context, { ...before, covered });
  return ok(null);
};

const collect = async (context: StepContext, part: Range, before: TopUpInfo): Promise<Result<null>> => {
  const { source } = paramsOf(context);
  const collected = await collectRange(context, part, windowsOf(context, source), before.sources.length > 0);
  if (!collected.ok) return collected;
  const others = before.sources.filter(({ id }) => id !== source);
  const given = before.sources.find(({ id }) => id === source)?.chunks ?? 0;
  // Whether that was enough is looked at by the next step, and in the end by the gate.
  writeInfo(context, { covered: false, sources: [...others, { id: source, chunks: given + part.chunks }] });
  return ok(null);
};

const writeInfo = (context: StepContext, info: TopUpInfo): void =>
  writeFileSync(context.path("info"), `${JSON.stringify(info)}\n`);
