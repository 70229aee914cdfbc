import type { LogitsDisk } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { readGguf, type Gguf } from "../llama/gguf.ts";
import { logitsBytes } from "../llama/logits.ts";
import { vocabularySize } from "../llama/vocab.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { shardsOf } from "../plan/plan.ts";

/** Disk that base logits take, by the exact formula of their file (llama/logits.ts). */
export interface LogitsNeed {
  /** Bytes at once, at most. */
  readonly peak: number;
  /** Bytes of the largest shard, and its units. */
  readonly largest: number;
  readonly units: number;
  readonly limit: number | null;
}

/**
 * One shard lies on the disk at a time; in `decisive` mode, where the candidates take turns, all shards may. Undefined
 * for a model that cannot be read, which is another failure.
 * @param header of a model that is not here yet
 */
export const logitsNeed = (pipeline: Pipeline, header?: Gguf): LogitsNeed | undefined => {
  const gguf = header === undefined ? readGguf(pipeline.model) : ok(header);
  const vocab = gguf.ok ? vocabularySize(gguf.value) : undefined;
  if (vocab === undefined) return undefined;
  const { context, unit, logitsDisk } = pipeline.validate;
  const { searchUnits } = pipeline.corpus;
  // An ablation measures the search split at once, when the shards are dropped.
  const search = pipeline.ablation === undefined ? [] : [{ units: searchUnits * pipeline.validate.domains.length }];
  const all = [...shardsOf(pipeline), ...search].map(({ units }) => {
    const chunks = (units * unit) / context + 1;
    return { units, bytes: logitsBytes({ context, vocab, chunks }) };
  });
  const largest = all.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const sum = all.slice(0, all.length - search.length).reduce((total, { bytes }) => total + bytes, 0);
  return {
    peak: pipeline.select.mode === "decisive" ? Math.max(sum, largest.bytes) : largest.bytes,
    largest: largest.bytes,
    units: largest.units,
    limit: logitsDisk,
  };
};

/** Refuses before anything long starts what would take more disk than the pipeline allows; without a limit nothing is read. */
export const checkLogitsDisk = (pipeline: Pipeline, header?: Gguf): Result<null> => {
  const { mode } = pipeline.select;
  const limit = pipeline.validate.logitsDisk;
  const need = limit === null ? undefined : logitsNeed(pipeline, header);
  if (limit === null || need === undefined || need.peak <= limit) return ok(null);
  const failure: LogitsDisk = { reason: "logits-disk", need: need.peak, limit, mode, units: need.units };
  return err(failure);
};
