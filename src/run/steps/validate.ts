import { writeFileSync } from "node:fs";
import { ok, type Result } from "../../base/result.ts";
import type { Threads } from "../../base/tool.ts";
import { candidateArgv, candidateParser } from "../../llama/perplexity.ts";
import { toolFlags } from "./judge.ts";
import { measure, measurementOf } from "./measurement.ts";
import { modelName } from "./model-files.ts";
import type { StepContext, StepImplementation } from "./step.ts";

/** What a candidate lost on a shard, a number a window. */
export interface CandidateRows {
  /** Mean NLL of the scored tokens, nats. */
  readonly nll: readonly number[];
  /** Mean KL divergence from the full-precision model, nats. */
  readonly kld: readonly number[];
  /** Part of the scored tokens on which both models agree. */
  readonly sameTop: readonly number[];
  /** 99th percentile of the KL divergence of single tokens, the spare window's among them; nats. Where it was asked for. */
  readonly p99Kld?: number;
}

/** One candidate against the base logits of one shard. */
export const validate: StepImplementation = {
  run: (context) => context.repeat(() => compare(context)),
};

const compare = async (step: StepContext): Promise<Result<null>> => {
  const { context, kv: cache } = measurementOf(step);
  const argv = (threads: Threads): string[] =>
    candidateArgv({
      model: modelName(step, "quant"),
      logits: "base.logits",
      context,
      cache,
      ...toolFlags(step, threads),
    });
  const measured = await measure(step, argv, candidateParser());
  if (!measured.ok) return measured;
  const rows: CandidateRows = {
    nll: measured.value.chunks.map(({ nll }) => nll),
    kld: measured.value.chunks.map(({ kld }) => kld),
    sameTop: measured.value.chunks.map(({ sameTop }) => sameTop),
    ...(measurementOf(step).tail === true && measured.value.p99Kld !== undefined
      ? { p99Kld: measured.value.p99Kld }
      : {}),
  };
  writeFileSync(step.path("rows"), `${JSON.stringify(rows)}\n`);
  return ok(null);
};
