import type { LayerShape, ModelShape } from "../../base/model-shape.ts";
import type { CacheType } from "./cache-type.ts";
import { cellsOfLayer, usesFlashAttention } from "./cache.ts";
import type { Cells } from "./cells.ts";
import type { MemorySettings } from "./settings.ts";

/**
 * The buffer for what one graph computes, bytes on the device that has all layers. llama.cpp sizes it by the largest graph:
 * a whole micro-batch over a full cache. Closed form for the peak of its allocator in v0.5.0, found by measuring
 * (docs/vram.md says how near it is); the coefficients count rows of numbers that live at once.
 */
export const deviceComputeBytes = (shape: ModelShape, settings: MemorySettings, cells: Cells): number => {
  const { tokens } = cells;
  const mask = maskBytes(shape, usesFlashAttention(shape, settings), cells);
  const feedForward = tokens * (mask + 4 * feedForwardRow(shape, settings));
  const attention = tokens * (mask + 4 * attentionRow(shape, settings)) + attentionBytes(shape, settings, cells);
  return Math.max(feedForward, attention, logitBytes(shape, settings, tokens));
};

/** Whether all layers are full attention and one dense feed-forward part; for these the form is nearest. */
export const isPlain = ({ latent, feedForward, layers }: ModelShape): boolean =>
  !latent &&
  feedForward.experts === 0 &&
  layers.every(({ state, keys, reach }) => state === 0 && keys > 0 && reach === "all");

/** What attention takes beside rows of a token: scores without flash attention, copies of a layer's cache with it. */
const attentionBytes = (shape: ModelShape, settings: MemorySettings, cells: Cells): number => {
  if (usesFlashAttention(shape, settings)) return copyBytes(shape, settings, cells);
  const scores = widest(shape.layers, (layer) => 4 * cells.tokens * layer.heads * cellsOfLayer(layer, cells));
  // The values, being part of the keys there, have to be turned.
  const turned = shape.latent ? widest(shape.layers, (layer) => 2 * cellsOfLayer(layer, cells) * layer.values) : 0;
  return scores + turned;
};

/** With a recurrent state one row more outlives the last layer. */
const logitBytes = (shape: ModelShape, settings: MemorySettings, tokens: number): number => {
  const rows = shape.layers.some(({ state }) => state > 0) ? 2 : 1;
  return 4 * logitRows(settings, tokens) * (shape.vocabulary + rows * shape.width);
};

/** The buffer beside it in the main memory: what is on its way to the GPU, which are masks, embeddings and places. */
export const hostComputeBytes = (shape: ModelShape, settings: MemorySettings, cells: Cells): number => {
  const flash = usesFlashAttention(shape, settings);
  // Values that lie transposed go to a place each, of eight bytes.
  const places = flash || shape.latent ? 0 : 8 * shape.widestValues;
  return cells.tokens * (maskBytes(shape, flash, cells) + 8 * shape.width + places);
};

/** What the mask takes for one token: one for full layers, one for those with a window. */
const maskBytes = ({ layers }: ModelShape, flash: boolean, cells: Cells): number => {
  const full = layers.some(({ reach }) => reach === "all") ? cells.full : 0;
  const windowed = layers.some(({ reach }) => reach === "window") ? cells.windowed : 0;
  return (flash ? 2 : 4) * (full + windowed);
};

const feedForwardRow = (shape: ModelShape, settings: MemorySettings): number => {
  const { dense, experts, used, expert, inner, gated } = shape.feedForward;
  const { width } = shape;
  // The row that attention was computed in is still there, unless the cache's type asked for another one.
  const direct = isDirect(settings.typeK) && isDirect(settings.typeV);
  const outlived = direct || shape.scaledQueries || hasGaps(shape) ? queryRow(shape) : 0;
  const ofDense = dense === 0 ? 0 : (gated ? 3 : 1) * dense + 2 * width + outlived;
  const ofExperts =
    experts === 0 ? 0 : Math.max(3 * used * expert + 2 * width + outlived, 2 * used * width + 5 * width);
  return Math.max(ofDense, ofExperts, 6 * inner);
};

/** Some layers mix no tokens at all. */
const hasGaps = ({ layers }: ModelShape): boolean => layers.some(({ keys, state }) => keys === 0 && state === 0);

/** Types that attention reads as they are; others are rotated or converted before. */
const isDirect = (type: CacheType): boolean => type === "f16" || type === "bf16";

const queryRow = ({ latent, width, layers }: ModelShape): number =>
  latent ? width : widest(layers, ({ reach, heads, keyHead }) => (reach === "none" ? 0 : heads * keyHead));

const attentionRow = (shape: ModelShape, settings: MemorySettings): number => {
  const { width, layers, scaledQueries, fused, latent, latentHead } = shape;
  // Queries as they were made, brought to the keys' width, and what attention makes of them.
  if (latent) return 3 * width + widest(layers, ({ heads, keyHead }) => heads * (2 * keyHead + latentHead));
  const queries = queryRow(shape);
  const keys = widest(layers, (layer) => (layer.reach === "none" ? 0 : layer.keys));
  // Converted keys and values are in the copy of the cache already.
  const fresh = settings.typeK === "f32" || settings.typeV === "f32" ? 0 : 2 * keys;
  return 2 * width + (scaledQueries ? 3 : 2) * queries + fresh + (fused ? width : 0);
};

const widest = (layers: readonly LayerShape[], size: (layer: LayerShape) => number): number =>
  Math.max(0, ...layers.map(size));

/** Rows of logits that are made at once. */
export const logitRows = ({ logits, sequences }: MemorySettings, tokens: number): number =>
  logits === "all" ? tokens : Math.min(sequences, tokens);

/**
 * Copies of one layer's keys and values in half precision: of a cache in f32 on any device (`build_attn_mha` in
 * llama-graph.cpp), of other types than f16 on CUDA (`ggml_cuda_flash_attn_ext_get_alloc_size` in ggml-cuda/fattn.cu), which was
 * read in the source and never measured.
 */
export const copyBytes = (shape: ModelShape, settings: MemorySettings, cells: Cells): number => {
  if (!usesFlashAttention(shape, settings)) return 0;
  const copied = (type: CacheType): boolean => type === "f32" || (type !== "f16" && settings.device === "cuda");
  const [keys, values] = [copied(settings.typeK), copied(settings.typeV) && !shape.latent];
  return widest(shape.layers, (layer) => {
    const numbers = (keys ? layer.keys : 0) + (values ? layer.values : 0);
    return 2 * cells.streams * cellsOfLayer(layer, cells) * numbers;
  });
};
