import type { ModelShape, TensorShape } from "../../base/model-shape.ts";
import { tokenBytes } from "./cache.ts";
import { type Cells, cellsOf, contextStep, roundUp } from "./cells.ts";
import { isWhollyOnGpu } from "./placement.ts";
import type { MemorySettings } from "./settings.ts";
import { layerOf } from "./weights.ts";

/** Bytes that are read for one more token. */
export interface TokenReads {
  /** Of experts only those that are used. */
  readonly weights: number;
  /** Keys and values of all tokens so far. */
  readonly cache: number;
  /** Recurrent state, read and written. */
  readonly state: number;
  readonly total: number;
}

/**
 * What one more token reads when `used` tokens are there already. The graph reads the cache in steps of 256 tokens, so a
 * context that is allocated but empty costs nothing.
 */
export const readsPerToken = (shape: ModelShape, settings: MemorySettings, used: number): TokenReads => {
  const cells = cellsOf(shape, settings);
  const weights = weightReads(shape);
  const cache = cacheReads(shape, settings, cells, used);
  const state = 2 * 4 * shape.layers.reduce((sum, layer) => sum + layer.state, 0);
  return { weights, cache, state, total: weights + cache + state };
};

const cacheReads = (shape: ModelShape, settings: MemorySettings, cells: Cells, used: number): number => {
  const read = roundUp(used, contextStep);
  return shape.layers
    .filter(({ reach }) => reach !== "none")
    .map((layer) => {
      const rows = Math.min(read, layer.reach === "window" ? cells.windowed : cells.full);
      return rows * tokenBytes(layer, shape, settings);
    })
    .reduce((sum, bytes) => sum + bytes, 0);
};

const weightReads = (shape: ModelShape): number => {
  const tied = !shape.tensors.some(({ name }) => name === "output.weight");
  return shape.tensors.reduce((sum, tensor) => sum + tensorReads(tensor, shape, tied), 0);
};

/** Of an embedding one row is read, unless it is the output matrix as well. */
const looked = /^(?:token_embd|position_embd|token_types|per_layer_token_embd)\b/;

const tensorReads = ({ name, dims, bytes }: TensorShape, shape: ModelShape, tied: boolean): number => {
  const layer = layerOf(name);
  if (layer !== undefined && layer >= shape.layers.length) return 0;
  if (name === "token_embd.weight" && tied) return bytes;
  if (looked.test(name)) return bytes / Math.max(1, dims[1] ?? 1);
  const { experts, used } = shape.feedForward;
  return /_exps\./.test(name) && experts > 0 ? (bytes * used) / experts : bytes;
};

/** Tokens a second, of one sequence. */
export interface SpeedBound {
  /** No more than this: the memory's bandwidth over what is read. */
  readonly most: number;
  /** What was measured elsewhere on other cards as parts of the bound, applied to this one. */
  readonly expected: { readonly low: number; readonly high: number };
  /** Length of the context that it holds for, tokens. */
  readonly used: number;
  readonly reads: TokenReads;
}

/**
 * Bounds the speed of generating, with everything on the GPU; undefined where it is not, because then the main memory's
 * bandwidth decides, which nobody told us.
 *
 * @param bandwidth bytes a second; a table of cards has bytes already, and there is nothing to divide by eight
 */
export const speedBound = (
  shape: ModelShape,
  settings: MemorySettings,
  device: { readonly bandwidth: number; readonly family: "apple" | "other" },
  used: number,
): SpeedBound | undefined => {
  if (!isWhollyOnGpu(shape, settings)) return undefined;
  const reads = readsPerToken(shape, settings, used);
  if (reads.total === 0) return undefined;
  const most = device.bandwidth / reads.total;
  const part = partOfBound(shape, device.family);
  return { most, expected: { low: 0.7 * part * most, high: Math.min(1, 1.3 * part) * most }, used, reads };
};

/**
 * Part of the bound that llama.cpp reached in published measurements of 8B models with GGML's benchmarks: 0.56 to 0.77 with
 * 4 to 6 bits, 0.76 to 0.85 with 8 and 16, 0.41 to 0.56 on Apple's. Small models and experts stay further below.
 */
const partOfBound = (shape: ModelShape, family: "apple" | "other"): number => {
  if (family === "apple") return 0.5;
  return bitsPerWeight(shape) > 7.5 ? 0.75 : 0.6;
};

const bitsPerWeight = ({ tensors }: ModelShape): number => {
  const matrices = tensors.filter(({ dims }) => dims.length > 1);
  const numbers = matrices.reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
  return numbers === 0 ? 0 : (8 * matrices.reduce((sum, { bytes }) => sum + bytes, 0)) / numbers;
};
