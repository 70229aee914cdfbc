import type { CacheType } from "../memory/cache-type.ts";
import { type FitFile, fitFile } from "./file-fit.ts";
import type { FitWish } from "./wish.ts";

const gib = 1024 ** 3;

/** Sizes of memory that cards are sold with, bytes. */
export const usualBudgets: readonly number[] = [8, 12, 16, 24, 32, 48, 80].map((size) => size * gib);

/** One file on cards of several sizes. */
export interface MatrixRow {
  readonly name: string;
  readonly bytes: number;
  /** What the weights take on the card, bytes; null where llama.cpp would not load it so. */
  readonly weights: number | null;
  readonly cells: readonly MatrixCell[];
}

/** The longest context of one file on one size of card, by type of the cache: tokens of one sequence, null where refused. */
export interface MatrixCell {
  readonly vram: number;
  readonly contexts: readonly {
    readonly kv: CacheType;
    readonly perSequence: number | null;
    readonly trained: boolean;
  }[];
}

/** Every file on every size of card; the wish's own card lends only what it is and not how large it is. */
export const fitMatrix = (files: readonly FitFile[], wish: FitWish, budgets: readonly number[]): readonly MatrixRow[] =>
  files.map((file) => ({
    name: file.name,
    bytes: file.bytes,
    weights: weightsOf(file, wish),
    cells: budgets.map((vram) => cellOf(file, wish, vram)),
  }));

const anyCard = {
  device: null,
  memory: "own",
  family: "other",
  bandwidth: null,
  grade: null,
  source: null,
} as const;

const cellOf = (file: FitFile, wish: FitWish, vram: number): MatrixCell => {
  const card = { ...(wish.card ?? anyCard), vram };
  const { rows } = fitFile(file, { ...wish, card, context: "max" });
  const contexts = rows.map((row) =>
    "refused" in row
      ? { kv: row.kv, perSequence: null, trained: false }
      : { kv: row.kv, perSequence: row.perSequence, trained: row.limit === "trained" },
  );
  return { vram, contexts };
};

const weightsOf = (file: FitFile, wish: FitWish): number | null =>
  fitFile(file, { ...wish, card: null, context: "max" }).loading?.components.find(({ name }) => name === "weights")
    ?.gpu ?? null;
