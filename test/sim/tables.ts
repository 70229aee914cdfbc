import { table } from "../../src/report/markdown-table.ts";
import { sizes, type ErrorCell } from "./cells.ts";
import { alphas, type ErrorCount } from "./count-errors.ts";
import type { CostCell, CostCount } from "./count-cost.ts";
import type { PowerCell, PowerCount } from "./count-power.ts";
import type { RecordedCell, RecordedCount } from "./recorded.ts";

export type Counted<C, N> = readonly { readonly cell: C; readonly count: N }[];

/** Standard error of a counted part. */
export const errorOf = (part: number, runs: number): number => Math.sqrt((part * (1 - part)) / runs);

const four = (part: number): string => part.toFixed(4);
const percent = (part: number, digits = 0): string => `${(100 * part).toFixed(digits)} %`;
const noiseNames = { gaussian: "Gaussian", gamma: "gamma" } as const;
const patternNames = { one: "one", below: "it and all below", all: "all" } as const;

/** One row a setting, one column a number of units. @param index of the stated error rate */
export const errorTable = (counted: Counted<ErrorCell, ErrorCount>, index: number): string =>
  table(
    ["noise", "CV", "at the limit", ...sizes.map((units) => `${units} units`), "R", "largest SE"],
    rowsOf(counted).map((row) => {
      const parts = row.map(({ count }) => count.wrong[index]! / count.runs);
      const errors = row.map(({ count }, at) => errorOf(parts[at]!, count.runs));
      return [...named(row[0]!.cell), ...parts.map(four), runsOf(row), four(Math.max(...errors))];
    }),
    3,
  );

/** The rule that a mean below its limit is enough, on the same simulated units. */
export const pointTable = (counted: Counted<ErrorCell, ErrorCount>): string =>
  table(
    ["noise", "CV", "at the limit", ...sizes.map((units) => `${units} units`)],
    rowsOf(counted).map((row) => [
      ...named(row[0]!.cell),
      ...row.map(({ count }) => (count.point / count.runs).toFixed(2)),
    ]),
    3,
  );

/** Sizes that are no power of two. */
export const oddTable = (counted: Counted<ErrorCell, ErrorCount>): string =>
  table(
    ["units", ...alphas.map((alpha) => `α = ${alpha}`), "R", "largest SE"],
    counted.map(({ cell, count }) => {
      const parts = count.wrong.map((wrong) => wrong / count.runs);
      const errors = parts.map((part) => errorOf(part, count.runs));
      return [String(cell.units), ...parts.map(four), String(count.runs), four(Math.max(...errors))];
    }),
    0,
  );

const named = ({ noise, cv, pattern }: ErrorCell): string[] => [noiseNames[noise], String(cv), patternNames[pattern]];

const runsOf = (row: Counted<ErrorCell, ErrorCount>): string => String(row[0]!.count.runs);

/** Cells that differ in their number of units only lie beside each other. */
const rowsOf = (counted: Counted<ErrorCell, ErrorCount>): Counted<ErrorCell, ErrorCount>[] =>
  Array.from({ length: counted.length / sizes.length }, (_, row) =>
    counted.slice(row * sizes.length, (row + 1) * sizes.length),
  );

export const costTable = (counted: Counted<CostCell, CostCount>): string =>
  table(
    ["tolerance", "mode", "measured", "SE", "built", "picks the best", "one larger", "one outside", "R"],
    counted.map(({ cell, count }) => {
      const part = count.part / count.runs;
      const error = Math.sqrt((count.square / count.runs - part ** 2) / count.runs);
      const chosen = [count.best, count.next].map((number) => percent(number / count.runs));
      const built = (count.built / count.runs).toFixed(1);
      return [
        percent(cell.rise),
        cell.mode,
        percent(part, 1),
        percent(error, 2),
        built,
        ...chosen,
        (count.wrong / count.runs).toFixed(4),
        String(count.runs),
      ];
    }),
    2,
  );

/** One row a real loss as a part of its limit. */
export const powerTable = (counted: Counted<PowerCell, PowerCount>): string => {
  const ratios = [...new Set(counted.map(({ cell }) => cell.ratio))];
  return table(
    ["loss / limit", ...sizes.map((units) => `${units} units`), "decided after, of 128"],
    ratios.map((ratio) => {
      const row = counted.filter(({ cell }) => cell.ratio === ratio);
      const last = row.at(-1)!.count;
      return [
        ratio.toFixed(2),
        ...row.map(({ count }) => percent(count.passed / count.runs)),
        (last.units / last.runs).toFixed(0),
      ];
    }),
    0,
  );
};

export const recordedTable = (counted: Counted<RecordedCell, RecordedCount>, types: readonly string[]): string =>
  table(
    ["domain", "measure", "at the limit from", "wrongly certified", "SE", "R"],
    counted.map(({ cell, count: { runs, wrong } }) => [
      cell.domain,
      cell.measure,
      types[cell.from] ?? "",
      four(wrong / runs),
      four(errorOf(wrong / runs, runs)),
      String(runs),
    ]),
    3,
  );
