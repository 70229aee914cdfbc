import type { ModelShape } from "../../base/model-shape.ts";
import { type CacheType, cacheTypes, isQuantized } from "./cache-type.ts";
import { usesFlashAttention } from "./cache.ts";
import type { MemorySettings } from "./settings.ts";

/** Why llama.cpp would not load the model this way; so there is nothing to estimate. */
export type Refusal =
  /** Values cannot be quantized without flash attention. */
  | { readonly code: "values-need-flash-attention"; readonly type: CacheType }
  /** Grok: flash attention is turned off, and values cannot be quantized then. */
  | { readonly code: "no-flash-attention"; readonly architecture: string; readonly type: CacheType }
  /** The head size is no multiple of the type's block. */
  | {
      readonly code: "head-size";
      readonly of: "keys" | "values";
      readonly type: CacheType;
      readonly block: number;
      /** numbers */
      readonly size: number;
    }
  /** Latent attention has one cache, so both types are one. */
  | { readonly code: "types-differ"; readonly typeK: CacheType; readonly typeV: CacheType }
  /** A setting is no whole number of at least one, or there is no context to be had. */
  | { readonly code: "setting"; readonly setting: "context" | "batch" | "microBatch" | "sequences" | "gpuLayers" }
  /** More sequences than llama.cpp has (LLAMA_MAX_SEQ). */
  | { readonly code: "too-many-sequences"; readonly sequences: number; readonly most: number };

const mostSequences = 256;

/** The first reason against these settings; undefined where there is none (llama_init_from_model, llama-context.cpp). */
export const refusal = (shape: ModelShape, settings: MemorySettings): Refusal | undefined =>
  settingRefusal(shape, settings) ?? typeRefusal(shape, settings) ?? headRefusal(shape, settings);

const settingRefusal = (shape: ModelShape, settings: MemorySettings): Refusal | undefined => {
  const asked = settings.context === 0 ? shape.trainedContext : settings.context;
  const { batch, microBatch, sequences, gpuLayers } = settings;
  const numbers = { context: asked, batch, microBatch, sequences } as const;
  const wrong = (Object.keys(numbers) as (keyof typeof numbers)[]).find((name) => !isCount(numbers[name], 1));
  if (wrong !== undefined) return { code: "setting", setting: wrong };
  if (gpuLayers !== "all" && !isCount(gpuLayers, 0)) return { code: "setting", setting: "gpuLayers" };
  return sequences > mostSequences ? { code: "too-many-sequences", sequences, most: mostSequences } : undefined;
};

const isCount = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;

const typeRefusal = (shape: ModelShape, settings: MemorySettings): Refusal | undefined => {
  const { typeK, typeV } = settings;
  if (shape.latent && typeK !== typeV) return { code: "types-differ", typeK, typeV };
  if (!isQuantized(typeV) || usesFlashAttention(shape, settings)) return undefined;
  if (!settings.flashAttention) return { code: "values-need-flash-attention", type: typeV };
  return { code: "no-flash-attention", architecture: shape.architecture, type: typeV };
};

/** Without flash attention the blocks run over whole rows, with it a head must be whole blocks; all layers are looked at. */
const headRefusal = (shape: ModelShape, settings: MemorySettings): Refusal | undefined => {
  const flash = usesFlashAttention(shape, settings);
  for (const layer of shape.layers) {
    const { keys, values, keyHead, valueHead } = layer;
    const found =
      unfit("keys", settings.typeK, flash ? keyHead : keys) ??
      unfit("values", settings.typeV, flash ? valueHead : values);
    if (found !== undefined) return found;
  }
  return undefined;
};

const unfit = (of: "keys" | "values", type: CacheType, size: number): Refusal | undefined => {
  const { block } = cacheTypes[type];
  return size % block === 0 ? undefined : { code: "head-size", of, type, block, size };
};
