import { writeFileSync } from "node:fs";
import { ok } from "../../base/result.ts";
import { groupMeans } from "../../select/bounds.ts";
import { choose } from "../../select/choose.ts";
import type { Evidence, Limits } from "../../select/verdict.ts";
import type { Tolerance } from "../../pipeline/pipeline.ts";
import type { BaselineRows } from "./baseline.ts";
import type { QuantInfo } from "./quantize.ts";
import { readJson } from "./read-json.ts";
import type { StepContext, StepImplementation } from "./step.ts";
import type { CandidateRows } from "./validate.ts";

interface SelectParams {
  readonly types: readonly string[];
  readonly tolerance: Tolerance;
  readonly shards: readonly number[];
  readonly chunksPerUnit: number;
}

/** Verdicts and choice from the measurements: no tool, milliseconds. */
export const select: StepImplementation = {
  run: async (context) => {
    const params = context.spec.params as unknown as SelectParams;
    const baseNll = overShards(params, (shard) => (readJson(context, `nll/${shard}`) as BaselineRows).nll);
    const evidence = params.types.map((type) => gather(context, params, type, baseNll));
    const selection = choose(evidence, groupMeans(baseNll, params.chunksPerUnit), limitsOf(params.tolerance));
    writeFileSync(context.path("selection"), `${JSON.stringify(selection, null, 2)}\n`);
    return Promise.resolve(ok(null));
  },
};

/** δ → ln(1 + δ): the tolerance on the scale on which losses add. */
const limitsOf = ({ ppl, kld, confidence }: Tolerance): Limits => ({ lnPplRatio: Math.log1p(ppl), kld, confidence });

const gather = (context: StepContext, params: SelectParams, type: string, baseNll: readonly number[]): Evidence => {
  const rows = (shard: number): CandidateRows => readJson(context, `rows/${type}/${shard}`) as CandidateRows;
  const nll = overShards(params, (shard) => rows(shard).nll);
  const kld = overShards(params, (shard) => rows(shard).kld);
  const delta = nll.map((value, index) => value - (baseNll[index] ?? Number.NaN));
  return {
    type,
    bytes: context.input(`quant/${type}`).size,
    bpw: (readJson(context, `info/${type}`) as QuantInfo).bpw,
    nll: groupMeans(nll, params.chunksPerUnit),
    deltaNll: groupMeans(delta, params.chunksPerUnit),
    kld: groupMeans(kld, params.chunksPerUnit),
  };
};

/** Values of all windows, shard after shard. */
const overShards = ({ shards }: SelectParams, values: (shard: number) => readonly number[]): number[] =>
  shards.flatMap((_, index) => values(index + 1));
