import { ok, type Result } from "../../base/result.ts";
import type { Threads } from "../../base/tool.ts";
import {
  perplexityOutcome,
  type BaselineRun,
  type CandidateRun,
  type PerplexityParser,
} from "../../llama/perplexity.ts";
import { judge } from "./judge.ts";
import type { StepContext } from "./step.ts";

/** How a shard is measured: the same for the full-precision model and every candidate. */
export interface MeasurementParams {
  /** Windows that count, and windows after them that do not. */
  readonly chunks: number;
  readonly spare: number;
  /** n_ctx, tokens */
  readonly context: number;
  /** Type of the key and value cache. */
  readonly kv: string;
  /** The closing percentiles must be there. */
  readonly tail?: boolean;
}

/** The parameters of a step that measures. */
export const measurementOf = (context: StepContext): MeasurementParams =>
  context.spec.params as unknown as MeasurementParams;

/** Runs llama-perplexity over a shard; gives what it said, of the windows those that count, all with finite numbers. */
export const measure = async <Run extends BaselineRun | CandidateRun>(
  context: StepContext,
  argv: (threads: Threads) => readonly string[],
  parser: PerplexityParser<Run>,
): Promise<Result<Run>> => {
  const { chunks, tail = false } = measurementOf(context);
  const run = await context.tool("llama-perplexity", argv, (text, stream) => {
    parser.push(text, stream);
    const done = parser.run().chunks.length;
    if (done > 0) context.progress(Math.min(done, chunks), chunks, "chunks");
  });
  if (!run.ok) return run;
  const said = parser.run();
  const judged = judge(context, "llama-perplexity", perplexityOutcome(said, chunks, tail), run.value);
  return judged.ok ? ok({ ...said, chunks: said.chunks.slice(0, chunks) }) : judged;
};
