import { type Budget, budgetOf } from "../memory/budget.ts";
import type { CacheType } from "../memory/cache-type.ts";
import { type DeviceKind, type MemorySettings, usualSettings } from "../memory/settings.ts";
import type { Card } from "./card.ts";

/** What a model is to be loaded on, and how. */
export interface FitWish {
  /** Null: nothing bounds the memory, and what is asked is how much would be taken. */
  readonly card: Card | null;
  readonly device: Exclude<DeviceKind, "none">;
  /** What stays free beside the model, bytes; null is llama.cpp's own margin of 1 GiB. */
  readonly reserve: number | null;
  readonly context: ContextWish;
  /** Types of the cache, each once; the first one is the one that is meant, the others are options. */
  readonly kv: readonly CacheType[];
  /** Sequences at once (`-np`), each with a context of its own. */
  readonly parallel: number;
  /** `-ub`, tokens */
  readonly microBatch: number;
}

/** Tokens of one sequence: the most that fit; the most, and so many at least; so many and no more. */
export type ContextWish = "max" | { readonly min: number } | { readonly exact: number };

/** The context that must be reached; undefined where any will do. */
export const wantedContext = ({ context }: FitWish): number | undefined => {
  if (context === "max") return undefined;
  return "min" in context ? context.min : context.exact;
};

/** Settings as llama-server gets them, everything on the GPU. */
export const settingsOf = (wish: FitWish, kv: CacheType): MemorySettings => ({
  ...usualSettings,
  // A batch is no smaller than what it is cut into.
  batch: Math.max(usualSettings.batch, wish.microBatch),
  microBatch: wish.microBatch,
  sequences: wish.parallel,
  typeK: kv,
  typeV: kv,
  device: wish.device,
});

/** What is left of the card for the model; null without a card. */
export const budgetFor = ({ card, reserve }: FitWish): Budget | null =>
  card === null ? null : budgetOf({ vram: card.vram, memory: card.memory, projector: 0, margin: reserve ?? "usual" });
