import type { ErrorCell } from "./cells.ts";
import { alphas, type ErrorCount } from "./count-errors.ts";
import type { CostCell, CostCount } from "./count-cost.ts";
import type { RecordedCell, RecordedCount } from "./recorded.ts";
import { errorOf, type Counted } from "./tables.ts";

/** What an error rate may come to at each of `alphas`: few units never know all of their own tail. */
export const allowed: readonly number[] = [0.065, 0.05];
/** Of the recentred bootstrap, whose sample is fixed. */
export const allowedRecorded = 0.07;
/** Units measured, as a part of all, where not all are asked for. */
export const allowedCost = 0.4;

/** Sentences about every bound that is broken. A counted part may lie three standard errors above its bound. */
export const broken = (
  errors: Counted<ErrorCell, ErrorCount>,
  costs: Counted<CostCell, CostCount>,
  recorded: Counted<RecordedCell, RecordedCount>,
): string[] => [...errors.flatMap(brokenError), ...costs.flatMap(brokenCost), ...recorded.flatMap(brokenRecorded)];

const brokenError = ({ cell, count }: { cell: ErrorCell; count: ErrorCount }): string[] =>
  alphas.flatMap((alpha, index) => {
    const [part, bound] = [count.wrong[index]! / count.runs, allowed[index]!];
    return part > bound + 3 * errorOf(bound, count.runs)
      ? [`α = ${alpha}: ${part.toFixed(4)} is above ${bound} in ${JSON.stringify(cell)}`]
      : [];
  });

const brokenCost = ({ cell, count }: { cell: CostCell; count: CostCount }): string[] =>
  cell.mode !== "full" && count.part / count.runs > allowedCost
    ? [`${(count.part / count.runs).toFixed(3)} of all units is above ${allowedCost} in ${JSON.stringify(cell)}`]
    : [];

const brokenRecorded = ({ cell, count }: { cell: RecordedCell; count: RecordedCount }): string[] =>
  count.wrong / count.runs > allowedRecorded
    ? [`${(count.wrong / count.runs).toFixed(4)} is above ${allowedRecorded} in ${JSON.stringify(cell)}`]
    : [];
