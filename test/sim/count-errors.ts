import { average } from "../../src/select/bounds.ts";
import type { Losses } from "../../src/select/verdict.ts";
import { firstBad, ladderOf, rise, type ErrorCell } from "./cells.ts";
import { seededRandom } from "./random.ts";
import { certified, limitsFor, rulesOf, selectFrom } from "./select-in-world.ts";
import { drawUnits } from "./world.ts";

/** Stated error rates at which every cell is counted: 95 % confidence, and the one that keeps the worst cell below 0.05. */
export const alphas = [0.05, 0.038] as const;

/** How often something happened in `runs` simulated decisions. */
export interface ErrorCount {
  readonly runs: number;
  /** Decisions that certified a candidate whose loss is at its limit, one number for each of `alphas`. */
  readonly wrong: readonly number[];
  /** The same, when a mean below its limit is enough. */
  readonly point: number;
}

/** Simulates whole decisions of one cell. A decision errs when it certifies the first candidate that is at its limit. */
export const countErrors = (cell: ErrorCell, seed: number, runs: number): ErrorCount => {
  const ladder = ladderOf(cell);
  const limits = limitsFor(rise);
  const rules = alphas.map((alpha) => ({ alpha, rules: rulesOf(cell.units, alpha, limits) }));
  const random = seededRandom(seed);
  const wrong = alphas.map(() => 0);
  let point = 0;
  for (let run = 0; run < runs; run += 1) {
    const draw = drawUnits(random, ladder, cell, cell.units);
    for (const [index, each] of rules.entries()) {
      const passed = certified(selectFrom(ladder, draw.of, each.rules, each.alpha), ladder);
      if (passed > firstBad(cell.pattern)) wrong[index]! += 1;
    }
    if (pointPasses(ladder.slice(0, firstBad(cell.pattern) + 1).map((_, rung) => draw.of(rung)))) point += 1;
  }
  return { runs, wrong, point };
};

const pointPasses = (losses: readonly Losses[]): boolean => {
  const { lnPplRatio, kld } = limitsFor(rise);
  return losses.every((each) => average(each.lnPplRatio) < lnPplRatio && average(each.kld) < kld);
};
