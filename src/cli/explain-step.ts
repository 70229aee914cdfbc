import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { nearest } from "../pipeline/words.ts";
import { makePlan } from "../plan/plan.ts";
import { stepKinds, type StepSpec } from "../plan/step.ts";
import { formatStep } from "../report/explain-step.ts";
import { viewStep, type StepView } from "../run/step-view.ts";
import { findToolchain } from "../run/toolchain/find.ts";
import { fail, stdout } from "./console.ts";
import { findOptions } from "./find-tools.ts";
import { loadWithStdin } from "./load.ts";
import { matcher } from "./matcher.ts";
import { lookClosely } from "./plan.ts";
import type { SharedOptions } from "./settings.ts";

export interface ExplainStepOptions extends SharedOptions {
  readonly out: string;
}

/** Ids of steps have a slash or are words of ours; no type of a candidate has or is. */
export const looksLikeStep = (what: string): boolean => /[/*?]/.test(what) || stepKinds.some((kind) => kind === what);

/** `pipeline explain STEP [FILE]`: what a run would do with a step and why, and what it made last. */
export const explainStep = async (
  what: string,
  file: string | undefined,
  options: ExplainStepOptions,
): Promise<number> => {
  const json = options.json === true;
  const view = await lookAtStep(what, file, options);
  if (!view.ok) return fail(view.error, json);
  const output = stdout();
  output.write(json ? `${JSON.stringify(view.value)}\n` : formatStep(view.value, output));
  return 0;
};

const lookAtStep = async (
  what: string,
  file: string | undefined,
  options: ExplainStepOptions,
): Promise<Result<StepView>> => {
  const found = file === undefined ? onlyPipeline(what, options.out) : ok(file);
  if (!found.ok) return found;
  const loaded = await loadWithStdin(found.value, options);
  if (!loaded.ok) return loaded;
  const spec = findStep(what, loaded.value);
  if (!spec.ok) return spec;
  const tools = await findToolchain(findOptions(options, loaded.value.llamaCpp));
  if (!tools.ok) return tools;
  const looked = lookClosely(loaded.value, tools.value.toolchain, options);
  if (!looked.ok) return looked;
  try {
    const view = viewStep(loaded.value.name, spec.value, looked.value, looked.value.layout);
    if (view === undefined) throw new Error(`Internal error: ${spec.value.id} was not foreseen`);
    return ok(view);
  } catch (error) {
    return err(fileFailure(error, looked.value.layout.root, "read"));
  }
};

/** The step of that id; of a glob, and of a word that is none, the nearest one and the whole list. */
const findStep = (what: string, pipeline: Pipeline): Result<StepSpec> => {
  const { steps } = makePlan(pipeline);
  const spec = steps.find(({ id }) => id === what);
  if (spec !== undefined) return ok(spec);
  const ids = steps.map(({ id }) => id);
  const near = ids.find((id) => /[*?]/.test(what) && matcher([what], false)(id)) ?? nearest(what, ids);
  const meant = near === undefined ? "" : `, did you mean ${near}?`;
  const message = `${what} is no step of ${pipeline.name}${meant === "" ? "." : meant} Its steps are ${ids.join(", ")}`;
  return unusable(message);
};

/** The pipeline file of the only run that has left its record in a folder of `out`. */
const onlyPipeline = (what: string, out: string): Result<string> => {
  const files = foldersIn(out).flatMap((folder) => pipelineOf(join(out, folder, "run.json")));
  const [first, second] = files;
  if (first !== undefined && second === undefined) return ok(first);
  const why = first === undefined ? `no run has left its record in a folder of ${out}` : `${out} holds several runs`;
  return unusable(`${why}; name the pipeline file: pipeline explain ${what} FILE`);
};

const foldersIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

const pipelineOf = (record: string): string[] => {
  try {
    const { pipelineFile } = JSON.parse(readFileSync(record, "utf8")) as { readonly pipelineFile?: unknown };
    return typeof pipelineFile === "string" ? [pipelineFile] : [];
  } catch {
    return [];
  }
};

const unusable = (message: string): Result<never> => err({ reason: "unusable-argument", message });
