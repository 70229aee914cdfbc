import { sha256 } from "../../src/base/canonical.ts";
import { unreachable } from "../../src/base/result.ts";
import type { ErrorCell } from "./cells.ts";
import { countCost, type CostCell, type CostCount } from "./count-cost.ts";
import { countErrors, type ErrorCount } from "./count-errors.ts";
import { countPower, type PowerCell, type PowerCount } from "./count-power.ts";
import { countRecorded, type RecordedCell, type RecordedCount } from "./recorded.ts";

export type Cell = ErrorCell | CostCell | PowerCell | RecordedCell;
export type Count = ErrorCount | CostCount | PowerCount | RecordedCount;

/** A part of a cell's simulated decisions. */
export interface Job {
  readonly cell: Cell;
  readonly seed: number;
  readonly runs: number;
}

export const runJob = ({ cell, seed, runs }: Job): Count => {
  switch (cell.kind) {
    case "error":
      return countErrors(cell, seed, runs);
    case "cost":
      return countCost(cell, seed, runs);
    case "power":
      return countPower(cell, seed, runs);
    case "recorded":
      return countRecorded(cell, seed, runs);
    default:
      return unreachable(cell);
  }
};

/** Decisions of one job: few enough that all cores end at about the same time. */
const block = 2000;

/** Cuts a cell into jobs. The seed of a job depends on its cell and number only, so the cores at hand change no count. */
export const jobsOf = (cell: Cell, runs: number, seed: number): Job[] =>
  Array.from({ length: Math.ceil(runs / block) }, (_, number) => ({
    cell,
    seed: seedOf(seed, cell, number),
    runs: Math.min(block, runs - number * block),
  }));

/** Where a recording lies must not matter. */
const seedOf = (seed: number, cell: Cell, number: number): number => {
  const text = JSON.stringify([seed, cell, number], (key, value: unknown) => (key === "file" ? undefined : value));
  return Number.parseInt(sha256(text).slice(0, 12), 16);
};

/** Counts of two parts of one cell. */
export const add = (a: Count, b: Count): Count => {
  const other = new Map<string, unknown>(Object.entries(b));
  return Object.fromEntries(
    Object.entries(a).map(([key, value]) => [key, sum(value, other.get(key))]),
  ) as unknown as Count;
};

const sum = (a: unknown, b: unknown): unknown =>
  Array.isArray(a) && Array.isArray(b) ? a.map((each, index) => sum(each, b[index])) : Number(a) + Number(b);
