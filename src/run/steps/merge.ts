import { err, ok, type Result } from "../../base/result.ts";
import { mergeImatrices, type FillParts, type MergePart } from "../../llama/imatrix-merge.ts";
import { weightOf, type MixPart } from "../../plan/mix.ts";
import { checkImatrixOf } from "./imatrix-check.ts";
import { countsIn, finish, invalid, type CoverageParams } from "./imatrix-info.ts";
import { readJson } from "./read-json.ts";
import type { StepContext, StepImplementation } from "./step.ts";
import type { TopUpInfo } from "./top-up.ts";
import { windowsOf } from "./windows.ts";

interface MergeParams extends CoverageParams {
  readonly sources: readonly MixPart[];
  readonly context: number;
}

/** Adds up the matrices of all sources, each with the weight of its share; no model runs for it. */
export const merge: StepImplementation = {
  run: (context) => Promise.resolve(add(context)),
  check: (output, path, context) => {
    if (output !== "imatrix") return ok(null);
    const windows = partsOf(context).reduce((sum, { weight }) => sum + weight, 0);
    return checkImatrixOf(path, context, windows * paramsOf(context).context);
  },
};

const paramsOf = (context: StepContext): MergeParams => context.spec.params as unknown as MergeParams;

const partsOf = (context: StepContext): MergePart[] =>
  paramsOf(context).sources.map((part) => {
    const windows = windowsOf(context, part.id);
    return { path: context.input(`parts/${part.id}`).path, weight: weightOf(part, windows), windows };
  });

const add = (context: StepContext): Result<null> => {
  const parts = partsOf(context);
  const fill = fillOf(context);
  const merged = mergeImatrices(parts, context.path("imatrix"), fill);
  if (!merged.ok) return err(invalid(context, merged.error.why));
  const counts = countsIn(context, [...parts.map(({ path }) => path), ...fill.paths]);
  return counts.ok ? finish(context, { counts: counts.value, added: addedOf(context), imported: null }) : counts;
};

/** More text counts only where too little had reached, so that it does not change the mix elsewhere. */
const fillOf = (context: StepContext): FillParts => {
  const added = context.inputs.get("top-up/matrix");
  // Empty where there was no need of any.
  const paths = added === undefined || added.size === 0 ? [] : [added.path];
  return { paths, below: paramsOf(context).gate?.minTokens ?? 0 };
};

const addedOf = (context: StepContext): TopUpInfo["sources"] | null =>
  context.inputs.has("top-up/info") ? (readJson(context, "top-up/info") as TopUpInfo).sources : null;
