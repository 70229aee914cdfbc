import { writeFileSync } from "node:fs";
import { err, ok, type Result } from "../../base/result.ts";
import type { Threads } from "../../base/tool.ts";
import type { Outcome } from "../../llama/outcome.ts";
import {
  baselineArgv,
  baselineParser,
  perplexityOutcome,
  type BaselineRun,
  type CandidateRun,
} from "../../llama/perplexity.ts";
import type { StepSpec } from "../../plan/step.ts";
import { readLogits } from "../../llama/logits.ts";
import { judge, toolFlags } from "./judge.ts";
import type { StepContext, StepImplementation } from "./step.ts";

export interface MeasurementParams {
  /** Windows that count, and windows after them that do not. */
  readonly chunks: number;
  readonly spare: number;
  readonly context: number;
  readonly kv: string;
}

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
  load: "tool",
  run: (context) => context.repeat(() => measure(context)),
  check: (output, path, { spec }) => (output === "logits" ? checkLogits(path, spec) : ok(null)),
};

/** Complete when every window that counts has its numbers; whether the spare one has does not matter. */
export const measuredOutcome = (run: BaselineRun | CandidateRun, chunks: number, spare: number): Outcome => {
  const { planned, ...rest } = run;
  if (planned !== undefined && planned !== chunks + spare) return perplexityOutcome(run, chunks + spare);
  return perplexityOutcome({ ...rest, chunks: run.chunks.slice(0, chunks) }, chunks);
};

/** The tool ignores a full disk while it writes them, and reads a cut file without complaint. */
const checkLogits = (path: string, spec: StepSpec): Result<null, string> => {
  const params = spec.params as unknown as MeasurementParams;
  const logits = readLogits(path);
  if (!logits.ok) return err(logits.error.why);
  const { chunks, context } = logits.value;
  const expected = params.chunks + params.spare;
  if (chunks === expected && context === params.context) return ok(null);
  return err(`holds ${chunks} windows of ${context} tokens, not ${expected} of ${params.context}`);
};

const measure = async (context: StepContext): Promise<Result<null>> => {
  const { chunks, spare, context: window, kv: cache } = context.spec.params as unknown as MeasurementParams;
  const parser = baselineParser();
  const argv = (threads: Threads): string[] =>
    baselineArgv({
      model: "model.gguf",
      text: "holdout.txt",
      logits: "base.logits",
      chunks: chunks + spare,
      context: window,
      cache,
      ...toolFlags(context, threads),
    });
  const run = await context.tool("llama-perplexity", argv, (text, stream) => {
    parser.push(text, stream);
    const done = parser.run().chunks.length;
    if (done > 0) context.progress(Math.min(done, chunks), chunks, "chunks");
  });
  if (!run.ok) return run;
  const said = parser.run();
  const rows: BaselineRows = { nll: said.chunks.slice(0, chunks).map(({ nll }) => nll) };
  const judged = judge(context, "llama-perplexity", measuredOutcome(said, chunks, spare), run.value);
  if (judged.ok) writeFileSync(context.path("nll"), `${JSON.stringify(rows)}\n`);
  return judged;
};
