import type { ModelShape } from "../../src/base/model-shape.ts";
import { budgetOf } from "../../src/select/memory/budget.ts";
import type { CacheType } from "../../src/select/memory/cache-type.ts";
import { maxContext } from "../../src/select/memory/max-context.ts";
import { type MemorySettings, usualSettings } from "../../src/select/memory/settings.ts";
import { weightBytes } from "../../src/select/memory/weights.ts";

const gib = 1024 ** 3;

/** A model in one quant. */
export interface Quant {
  readonly model: string;
  readonly type: string;
  readonly shape: ModelShape;
}

/** What the document assumes of everything: llama-server with one slot on one card, all layers on it. */
const settingsOf = (cache: CacheType): MemorySettings => ({ ...usualSettings, typeK: cache, typeV: cache });

/** GiB on the card. */
export const weightsOn = (shape: ModelShape): number => weightBytes(shape, usualSettings).gpu / gib;

/**
 * Longest context on a card of `vram` GB, tokens; 0 where it does not fit. `memory`: as if the model had been trained for any
 * length.
 */
export const contextOn = (
  shape: ModelShape,
  vram: number,
  cache: CacheType,
  bound: "trained" | "memory",
  margin: "usual" | "tight" = "usual",
): number => {
  const budget = budgetOf({ vram: vram * gib, memory: "own", projector: 0, margin });
  const asked = bound === "memory" ? { ...shape, trainedContext: Math.max(131_072, shape.trainedContext) } : shape;
  const found = maxContext(asked, settingsOf(cache), budget.bytes);
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value.context;
};
