import { writeFileSync } from "node:fs";
import { err, ok, type Result } from "../../base/result.ts";
import type { Threads } from "../../base/tool.ts";
import { readLogits } from "../../llama/logits.ts";
import { baselineArgv, baselineParser } from "../../llama/perplexity.ts";
import { toolFlags } from "./judge.ts";
import { measure, measurementOf } from "./measurement.ts";
import { modelName } from "./model-files.ts";
import type { StepContext, StepImplementation } from "./step.ts";

/** What the full-precision model thinks of a shard. */
export interface BaselineRows {
  /** Mean NLL of each window's scored tokens, nats. */
  readonly nll: readonly number[];
}

/**
 * The full-precision model on one shard: base logits for the KL divergence, and its own NLL. The NLL is never taken
 * from the logits file: there, tokens more than 16 nats below the best are clipped, which flatters the base.
 */
export const baseline: StepImplementation = {
  run: (context) => context.repeat(() => measureBase(context)),
  check: (output, path, context) => (output === "logits" ? checkLogits(path, context) : ok(null)),
};

/** The tool ignores a full disk while it writes them, and reads a cut file without complaint. */
const checkLogits = (path: string, step: StepContext): Result<null, string> => {
  const params = measurementOf(step);
  const logits = readLogits(path);
  if (!logits.ok) return err(logits.error.why);
  const { chunks, context } = logits.value;
  const expected = params.chunks + params.spare;
  if (chunks === expected && context === params.context) return ok(null);
  return err(`holds ${chunks} windows of ${context} tokens, not ${expected} of ${params.context}`);
};

const measureBase = async (step: StepContext): Promise<Result<null>> => {
  const { chunks, spare, context, kv: cache } = measurementOf(step);
  const argv = (threads: Threads): string[] =>
    baselineArgv({
      model: modelName(step),
      text: "holdout.txt",
      logits: "base.logits",
      chunks: chunks + spare,
      context,
      cache,
      ...toolFlags(step, threads),
    });
  const measured = await measure(step, argv, baselineParser());
  if (!measured.ok) return measured;
  const rows: BaselineRows = { nll: measured.value.chunks.map(({ nll }) => nll) };
  writeFileSync(step.path("nll"), `${JSON.stringify(rows)}\n`);
  return ok(null);
};
