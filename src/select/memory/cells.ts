import type { ModelShape } from "../../base/model-shape.ts";
import type { MemorySettings } from "./settings.ts";

/** What llama.cpp makes of the context that it is asked for; all but `streams` are tokens. */
export interface Cells {
  /** Of all sequences together. */
  readonly context: number;
  /** Of one stream, in layers that keep everything and in those with a window. */
  readonly full: number;
  readonly windowed: number;
  /** Caches beside each other: one, or one a sequence. */
  readonly streams: number;
  /** Tokens of the largest graph. */
  readonly tokens: number;
}

/** llama.cpp rounds contexts up to multiples of it. */
export const contextStep = 256;

export const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** The constructors of llama_context (llama-context.cpp) and llama_kv_cache_iswa. */
export const cellsOf = (shape: ModelShape, settings: MemorySettings): Cells => {
  const { sequences, unified, fullWindow } = settings;
  const asked = settings.context === 0 ? shape.trainedContext : settings.context;
  const batch = Math.min(asked, settings.batch);
  const microBatch = Math.min(batch, settings.microBatch);
  const padded = roundUp(asked, contextStep);
  const full = unified ? padded : roundUp(Math.floor(padded / sequences), contextStep);
  const context = unified ? padded : full * sequences;
  const behind = shape.window * (unified ? sequences : 1) + microBatch;
  const windowed = fullWindow ? full : roundUp(Math.min(full, behind), contextStep);
  return { context, full, windowed, streams: unified ? 1 : sequences, tokens: Math.min(microBatch, context) };
};
