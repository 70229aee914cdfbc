import type { ModelShape, ShapeAssumption } from "../../base/model-shape.ts";
import type { CacheType } from "../memory/cache-type.ts";
import { type Component, estimateAccepted, type MemoryEstimate } from "../memory/estimate.ts";
import { maxContext } from "../memory/max-context.ts";
import type { Refusal } from "../memory/refusal.ts";
import { speedBound } from "../memory/speed.ts";
import { type OtherSize, type WayChange, waysToContext } from "../memory/ways.ts";
import type { Card } from "./card.ts";
import { budgetFor, type FitWish, settingsOf, wantedContext } from "./wish.ts";

/** A model file, or one that llama-quantize would make. */
export interface FitFile {
  /** Name of the file, or of the type that it would have. */
  readonly name: string;
  readonly bytes: number;
  readonly shape: ModelShape;
}

/** How far one type of the cache gets. */
export interface KvRow {
  readonly kv: CacheType;
  /** `-c`, tokens of all sequences together; 0: not even the shortest context fits. */
  readonly context: number;
  /** Tokens of one sequence. */
  readonly perSequence: number;
  /** What ends it: the memory, the length that the model was trained for, or the wish for no more. */
  readonly limit: "memory" | "trained" | "asked";
  /** Whether it fits, and reaches the wanted context. */
  readonly fits: boolean;
  /** Taken with this context, bytes; with the shortest one where not even that fits. */
  readonly gpu: number;
  readonly cpu: number;
}

/** A type of the cache that llama.cpp would not load this model with. */
export interface RefusedRow {
  readonly kv: CacheType;
  readonly refused: Refusal;
}

/** The bound of the speed with so many tokens in the context, tokens a second. */
export interface SpeedRow {
  readonly used: number;
  readonly most: number;
  readonly expected: { readonly low: number; readonly high: number };
  /** Bytes that one more token reads. */
  readonly reads: number;
}

/** One row in full: what the memory is made of. */
export interface Loading extends KvRow {
  readonly components: readonly Component[];
  /** Of `compute` the part that is CUDA's copy of a cache in another type than f16, at most; bytes. */
  readonly copy: number;
  readonly assumptions: readonly ShapeAssumption[];
  /** Empty where no device is named. */
  readonly speed: readonly SpeedRow[];
}

/** What another setting would reach. */
export interface WayRow extends WayChange {
  readonly context: number;
  readonly perSequence: number;
  readonly enough: boolean;
}

/** One file on one card. */
export interface FileFit {
  readonly name: string;
  readonly bytes: number;
  readonly architecture: string;
  /** tokens; 0 where the header does not say */
  readonly trainedContext: number;
  /** One for each type of the cache, in the order of the wish. */
  readonly rows: readonly (KvRow | RefusedRow)[];
  /** With the first type; null where that one is refused. */
  readonly loading: Loading | null;
  /** Where the wanted context is not reached with the first type: what other settings would reach. */
  readonly ways: readonly WayRow[];
}

/** How a file fits. @param smaller other quants of the model, for what would help */
export const fitFile = (file: FitFile, wish: FitWish, smaller: readonly OtherSize[] = []): FileFit => {
  const { name, bytes, shape } = file;
  const rows = wish.kv.map((kv) => rowOf(shape, wish, kv));
  const first = rows[0];
  if (first === undefined) throw new Error("Internal error: a wish without a type of the cache");
  return {
    name,
    bytes,
    architecture: shape.architecture,
    trainedContext: shape.trainedContext,
    rows: rows.map((row) => ("refused" in row ? row : row.row)),
    loading: "refused" in first ? null : loadingOf(shape, wish, first),
    ways: "refused" in first || first.row.fits ? [] : waysOf(shape, wish, first.row.kv, smaller),
  };
};

interface Estimated {
  readonly row: KvRow;
  readonly estimate: MemoryEstimate;
}

const rowOf = (shape: ModelShape, wish: FitWish, kv: CacheType): Estimated | RefusedRow => {
  const settings = settingsOf(wish, kv);
  const found = maxContext(shape, settings, budgetFor(wish)?.bytes ?? Infinity);
  if (!found.ok) return { kv, refused: found.error };
  const { context, perSequence, limit, estimate } = found.value;
  const wanted = wantedContext(wish) ?? 1;
  const fits = perSequence >= wanted;
  if (!fits || !isExact(wish)) return { row: { kv, context, perSequence, limit, fits, ...sides(estimate) }, estimate };
  const exact = { kv, context: wanted * wish.parallel, perSequence: wanted, limit: "asked", fits } as const;
  const asked = estimateAccepted(shape, { ...settings, context: exact.context });
  return { row: { ...exact, ...sides(asked) }, estimate: asked };
};

const isExact = ({ context }: FitWish): boolean => context !== "max" && "exact" in context;

const sides = ({ gpu, cpu }: MemoryEstimate): { readonly gpu: number; readonly cpu: number } => ({ gpu, cpu });

const loadingOf = (shape: ModelShape, { card }: FitWish, { row, estimate }: Estimated): Loading => ({
  ...row,
  components: estimate.components,
  copy: estimate.copy,
  assumptions: estimate.assumptions,
  speed: card === null || row.context === 0 ? [] : speedsOf(shape, estimate, card),
});

/** At the start of a context, and at its end. */
const speedsOf = (
  shape: ModelShape,
  { settings }: MemoryEstimate,
  { bandwidth, family }: Card,
): readonly SpeedRow[] => {
  if (bandwidth === null) return [];
  const contexts = [0, Math.floor(settings.context / settings.sequences)];
  return contexts.flatMap((used) => {
    const bound = speedBound(shape, settings, { bandwidth, family }, used);
    return bound === undefined ? [] : [{ used, most: bound.most, expected: bound.expected, reads: bound.reads.total }];
  });
};

/** Without a context that is wanted any would do, so what is asked for is the shortest there is. */
const waysOf = (shape: ModelShape, wish: FitWish, kv: CacheType, smaller: readonly OtherSize[]): readonly WayRow[] => {
  const budget = budgetFor(wish)?.bytes ?? Infinity;
  return waysToContext(shape, settingsOf(wish, kv), budget, wantedContext(wish) ?? 1, smaller)
    .slice(1)
    .map(({ change, reached, enough }) => ({
      ...change,
      context: reached.context,
      perSequence: reached.perSequence,
      enough,
    }));
};
