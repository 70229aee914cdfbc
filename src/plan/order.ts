import type { StepId } from "../base/ids.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { isFirstLook, ladderStep, noiseStep, validateStep } from "./measure-steps.ts";
import type { Shard } from "./shards.ts";
import type { StepSpec } from "./step.ts";

/**
 * Steps that must have settled, in whatever way, before a step may be judged needed. In `decisive` mode the larger
 * candidates come first, whose order shows only when the ladder is known; else one shard follows the other, so that the
 * base logits of one shard lie on the disk at a time.
 * @param ladder from the largest to the smallest candidate; undefined before it is known
 */
export const settledBefore = (
  pipeline: Pipeline,
  shards: readonly Shard[],
  { concerns, id }: StepSpec,
  ladder: readonly string[] | undefined,
): readonly StepId[] => {
  const index = shards.findIndex(({ number }) => id.endsWith(`/${number}`));
  const isNoise = id.startsWith("noise/");
  if (concerns === undefined && !isNoise) return [];
  // Whether a type is built at all shows in the ladder; asked for alone, as with `--only`, it is built without.
  if (concerns !== undefined && concerns.stretch === undefined) return [ladderStep];
  if (pipeline.select.mode === "decisive")
    return isNoise ? [] : beforeInTurn(pipeline, shards, concerns?.type ?? "", index, ladder ?? []);
  const previous = shards[index - 1];
  return previous === undefined ? [] : everythingOn(pipeline, previous);
};

const everythingOn = (pipeline: Pipeline, shard: Shard): StepId[] => [
  ...(isFirstLook(pipeline, shard) ? [noiseStep(shard)] : []),
  ...pipeline.quantize.types.map((type) => validateStep(type, shard)),
];

const beforeInTurn = (
  pipeline: Pipeline,
  shards: readonly Shard[],
  type: string,
  index: number,
  ladder: readonly string[],
): StepId[] => [
  ...shards.filter((shard) => isFirstLook(pipeline, shard)).map(noiseStep),
  ...ladder
    .slice(0, Math.max(0, ladder.indexOf(type)))
    .flatMap((larger) => shards.map((shard) => validateStep(larger, shard))),
  ...shards.slice(0, Math.max(0, index)).map((shard) => validateStep(type, shard)),
];
