import type { ModelShape } from "../../base/model-shape.ts";
import { type MaxContext, maxContext } from "./max-context.ts";
import type { MemorySettings } from "./settings.ts";

/** The model in another quantization, as the caller calls it. */
export interface OtherSize {
  readonly name: string;
  readonly shape: ModelShape;
}

/** One way to a longer context: what is changed, and how far it gets. */
export interface Way {
  readonly change: WayChange;
  readonly settings: MemorySettings;
  readonly reached: MaxContext;
  /** Whether the wanted context fits so. */
  readonly enough: boolean;
}

/** What differs from the settings asked about. */
export interface WayChange {
  /** Cache in q8_0. */
  readonly cache?: "q8_0";
  /** Micro-batch, tokens. */
  readonly microBatch?: number;
  /** Another quantization. */
  readonly size?: string;
}

/**
 * What it would take to reach `wanted` tokens a sequence within `budget` bytes: the settings as they are, a cache in q8_0, a
 * micro-batch of 256, both; then the same for each of `smaller`, in the order given. Ways that llama.cpp refuses are left
 * out, and so are changes that change nothing. All others are given, whether they reach it or not.
 */
export const waysToContext = (
  shape: ModelShape,
  settings: MemorySettings,
  budget: number,
  wanted: number,
  smaller: readonly OtherSize[],
): readonly Way[] => {
  const sizes = [{ name: undefined, shape }, ...smaller];
  return sizes.flatMap((size) =>
    changesOf(settings).flatMap((change) => wayOf(size, settings, budget, wanted, change)),
  );
};

const changesOf = ({ typeK, typeV, microBatch }: MemorySettings): readonly WayChange[] => {
  const cache: WayChange[] = typeK === "q8_0" && typeV === "q8_0" ? [] : [{ cache: "q8_0" }];
  const batch: WayChange[] = microBatch <= 256 ? [] : [{ microBatch: 256 }];
  const both = cache.flatMap((first) => batch.map((second) => ({ ...first, ...second })));
  return [{}, ...cache, ...batch, ...both];
};

const wayOf = (
  { name, shape }: { readonly name: string | undefined; readonly shape: ModelShape },
  settings: MemorySettings,
  budget: number,
  wanted: number,
  change: WayChange,
): readonly Way[] => {
  const changed = changedSettings(settings, change);
  const found = maxContext(shape, changed, budget);
  if (!found.ok) return [];
  const reached = found.value;
  const whole = { ...change, ...(name === undefined ? {} : { size: name }) };
  return [{ change: whole, settings: changed, reached, enough: reached.perSequence >= wanted }];
};

const changedSettings = (settings: MemorySettings, { cache, microBatch }: WayChange): MemorySettings => ({
  ...settings,
  ...(cache === undefined ? {} : { typeK: cache, typeV: cache }),
  ...(microBatch === undefined ? {} : { microBatch }),
});
