import type { LayerShape, ModelShape } from "../../base/model-shape.ts";
import { rowBytes } from "./cache-type.ts";
import type { Cells } from "./cells.ts";
import { addSplits, noBytes, onGpu, placed, type Split } from "./placement.ts";
import type { MemorySettings } from "./settings.ts";

/** Keys and values of all layers, on the side of their layer (llama-kv-cache.cpp). */
export const cacheBytes = (shape: ModelShape, settings: MemorySettings, cells: Cells): Split =>
  shape.layers
    .map((layer, index) => {
      const rows = cells.streams * cellsOfLayer(layer, cells);
      return placed(rows * tokenBytes(layer, shape, settings), onGpu(shape, settings, index));
    })
    .reduce(addSplits, noBytes);

/** Tokens that one stream of a layer holds. */
export const cellsOfLayer = ({ reach }: LayerShape, cells: Cells): number => {
  if (reach === "none") return 0;
  return reach === "window" ? cells.windowed : cells.full;
};

/** Bytes of one token in one layer that keeps keys and values. */
export const tokenBytes = (layer: LayerShape, shape: ModelShape, settings: MemorySettings): number => {
  const keys = rowBytes(settings.typeK, layer.keys);
  if (shape.latent) return keys;
  // Without flash attention values lie transposed, and all layers' as wide as the widest one's.
  const values = usesFlashAttention(shape, settings) ? layer.values : shape.widestValues;
  return keys + rowBytes(settings.typeV, values);
};

export const usesFlashAttention = (shape: ModelShape, { flashAttention }: MemorySettings): boolean =>
  flashAttention && !shape.noFlashAttention;

/** Recurrent state: numbers of four bytes, one set a sequence, whatever the context (llama-memory-recurrent.cpp). */
export const stateBytes = (shape: ModelShape, settings: MemorySettings): Split =>
  shape.layers
    .map(({ state }, index) => placed(4 * state * settings.sequences, onGpu(shape, settings, index)))
    .reduce(addSplits, noBytes);
