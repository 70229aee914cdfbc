import type { LayerShape, ModelShape } from "../../base/model-shape.ts";
import { cellsOfLayer, usesFlashAttention } from "./cache.ts";
import type { Cells } from "./cells.ts";
import type { MemorySettings } from "./settings.ts";

/**
 * The buffer for what one graph computes, bytes on the device that has all layers. llama.cpp sizes it by the largest graph:
 * a whole micro-batch over a full cache. Closed form for the peak of its allocator in v0.5.0, found by measuring
 * (docs/vram.md says how near it is); the coefficients count rows that live at once.
 */
export const deviceComputeBytes = (shape: ModelShape, settings: MemorySettings, cells: Cells): number => {
  const attending = shape.layers.filter(({ reach }) => reach !== "none");
  const flash = usesFlashAttention(shape, settings);
  const { tokens } = cells;
  const mask = maskBytes(shape, flash, cells);
  const feedForward = tokens * (mask + 4 * feedForwardRow(shape));
  const scores = flash ? 0 : 4 * tokens * widest(attending, ({ heads }) => heads) * largestCells(attending, cells);
  const copy = copyBytes(shape, settings, cells);
  const attention = tokens * (mask + 4 * attentionRow(shape, attending)) + scores + copy;
  const logits = 4 * logitRows(settings, tokens) * (shape.vocabulary + shape.width);
  const slack = isPlain(shape) ? 0 : 8 * 4 * tokens * shape.width;
  return Math.max(feedForward, attention, logits) + slack;
};

/** Whether all layers are attention over the residual stream and one dense feed-forward part. */
export const isPlain = ({ latent, feedForward, layers }: ModelShape): boolean =>
  !latent && feedForward.experts === 0 && layers.every(({ state }) => state === 0);

/** The buffer beside it in the main memory: masks and embeddings on their way to the GPU. */
export const hostComputeBytes = (shape: ModelShape, settings: MemorySettings, cells: Cells): number =>
  cells.tokens * (maskBytes(shape, usesFlashAttention(shape, settings), cells) + 8 * shape.width);

/** What the mask takes for one token: one for full layers, one for those with a window. */
const maskBytes = ({ layers }: ModelShape, flash: boolean, cells: Cells): number => {
  const full = layers.some(({ reach }) => reach === "all") ? cells.full : 0;
  const windowed = layers.some(({ reach }) => reach === "window") ? cells.windowed : 0;
  return (flash ? 2 : 4) * (full + windowed);
};

const feedForwardRow = ({ feedForward, width }: ModelShape): number => {
  const { dense, experts, used, expert, inner } = feedForward;
  const ofDense = dense === 0 ? 0 : 3 * dense + 3 * width;
  const ofExperts = experts === 0 ? 0 : Math.max(3 * used * expert + 3 * width, 2 * used * width + 5 * width);
  return Math.max(ofDense, ofExperts, 6 * inner);
};

const attentionRow = ({ width }: ModelShape, attending: readonly LayerShape[]): number =>
  4 * width + 2 * widest(attending, ({ keys }) => keys);

const widest = (layers: readonly LayerShape[], size: (layer: LayerShape) => number): number =>
  Math.max(0, ...layers.map(size));

const largestCells = (attending: readonly LayerShape[], cells: Cells): number => {
  if (attending.length === 0) return 0;
  return attending.some(({ reach }) => reach === "all") ? cells.full : cells.windowed;
};

/** Rows of logits that are made at once. */
export const logitRows = ({ logits, sequences }: MemorySettings, tokens: number): number =>
  logits === "all" ? tokens : Math.min(sequences, tokens);

/**
 * CUDA computes attention over a cache of another type with a copy of one layer's keys and values in half precision
 * (`ggml_cuda_flash_attn_ext_get_alloc_size` in ggml-cuda/fattn.cu). Read in the source; it was never measured.
 */
export const copyBytes = (shape: ModelShape, settings: MemorySettings, cells: Cells): number => {
  if (settings.device !== "cuda" || !usesFlashAttention(shape, settings)) return 0;
  const copied = ({ keys, values }: LayerShape): number =>
    (settings.typeK === "f16" ? 0 : keys) + (settings.typeV === "f16" || shape.latent ? 0 : values);
  return widest(shape.layers, (layer) => 2 * cells.streams * cellsOfLayer(layer, cells) * copied(layer));
};
