import { writeFileSync } from "node:fs";
import type { Threads } from "../../base/tool.ts";
import { candidateArgv, candidateParser } from "../../llama/perplexity.ts";
import type { Result } from "../../base/result.ts";
import { measuredOutcome, type MeasurementParams } from "./baseline.ts";
import { judge, toolFlags } from "./judge.ts";
import type { StepContext, StepImplementation } from "./step.ts";

/** What a candidate lost on a shard, a number a window. */
export interface CandidateRows {
  /** Mean NLL of the scored tokens, nats. */
  readonly nll: readonly number[];
  /** Mean KL divergence from the full-precision model, nats. */
  readonly kld: readonly number[];
  /** Part of the scored tokens on which both models agree. */
  readonly sameTop: readonly number[];
}

/** One candidate against the base logits of one shard. */
export const validate: StepImplementation = {
  load: "tool",
  run: (context) => context.repeat(() => compare(context)),
};

const compare = async (context: StepContext): Promise<Result<null>> => {
  const { chunks, spare, context: window, kv: cache } = context.spec.params as unknown as MeasurementParams;
  const parser = candidateParser();
  const argv = (threads: Threads): string[] =>
    candidateArgv({
      model: "quant.gguf",
      logits: "base.logits",
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
  const counted = said.chunks.slice(0, chunks);
  const rows: CandidateRows = {
    nll: counted.map(({ nll }) => nll),
    kld: counted.map(({ kld }) => kld),
    sameTop: counted.map(({ sameTop }) => sameTop),
  };
  const judged = judge(context, "llama-perplexity", measuredOutcome(said, chunks, spare), run.value);
  if (judged.ok) writeFileSync(context.path("rows"), `${JSON.stringify(rows)}\n`);
  return judged;
};
