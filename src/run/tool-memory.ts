import { join } from "node:path";
import type { ModelShape } from "../base/model-shape.ts";
import { shardNames } from "../base/shard-names.ts";
import type { NumericClass, ToolName } from "../base/tool.ts";
import { modelShape } from "../llama/model-shape.ts";
import { readParts } from "../llama/parts.ts";
import { type CacheType, cacheTypeNames } from "../select/memory/cache-type.ts";
import { estimateMemory } from "../select/memory/estimate.ts";
import { usualSettings } from "../select/memory/settings.ts";

/** Program, libraries, and what is small: what a tool takes beside its model, bytes. */
const ownBytes = 12 * 1024 ** 2;

/**
 * What a tool takes of the main memory, by its arguments and the headers of the files that they name; bytes, estimated. What
 * lies on a GPU is left out. A model that cannot be read is another failure, so here it counts for nothing.
 */
export const toolMemory = (
  tool: ToolName,
  argv: readonly string[],
  scratch: string,
  backend: NumericClass["backend"],
): number => ownBytes + modelBytes(tool, argv, scratch, backend);

const modelBytes = (
  tool: ToolName,
  argv: readonly string[],
  scratch: string,
  backend: NumericClass["backend"],
): number => {
  if (tool === "llama-quantize") return argv.includes("--dry-run") ? 0 : quantizeBytes(shapeOf(scratch, argv.at(-4)));
  if (tool === "llama-tokenize") return 0;
  const shape = shapeOf(scratch, valueOf(argv, "-m"));
  return shape === undefined ? 0 : evaluationBytes(shape, argv, backend);
};

const shapeOf = (scratch: string, name: string | undefined): ModelShape | undefined => {
  const gguf = name === undefined ? undefined : readParts(shardNames(name).map((each) => join(scratch, each)));
  const shape = gguf?.ok === true ? modelShape(gguf.value) : undefined;
  return shape?.ok === true ? shape.value : undefined;
};

const valueOf = (argv: readonly string[], flag: string): string | undefined => {
  const at = argv.indexOf(flag);
  return at === -1 ? undefined : argv[at + 1];
};

/** Weights, cache, compute buffers, the logits of a whole window, and half of them once more as they are written or read. */
const evaluationBytes = (shape: ModelShape, argv: readonly string[], backend: NumericClass["backend"]): number => {
  const number = (flag: string): number => Number(valueOf(argv, flag) ?? 512);
  const [context, batch, microBatch] = [number("-c"), number("-b"), number("-ub")];
  const kv = cacheTypeOf(valueOf(argv, "-ctk"));
  const device = backend === "cpu" ? "none" : backend === "cuda" ? "cuda" : "other";
  const load = { context, batch, microBatch, typeK: kv, typeV: kv, logits: "all", device } as const;
  const estimate = estimateMemory(shape, { ...usualSettings, ...load });
  const loaded = estimate.ok ? estimate.value.cpu : 0;
  const more = Math.max(0, context - microBatch) * shape.vocabulary * 4;
  return Math.ceil(loaded + more + (context / 2) * shape.vocabulary * 2);
};

const cacheTypeOf = (written: string | undefined): CacheType =>
  cacheTypeNames.find((name) => name === written) ?? "f16";

/** The tensor for which the most is needed: as it is, in F32, and in its new type, which is no larger than Q8_0. */
const quantizeBytes = (shape: ModelShape | undefined): number =>
  (shape?.tensors ?? []).reduce((most, { dims, bytes }) => {
    const numbers = dims.reduce((product, each) => product * each, 1);
    return Math.max(most, Math.ceil(bytes + 4 * numbers + (34 / 32) * numbers));
  }, 0);
