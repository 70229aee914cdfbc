import { judge } from "../../src/select/verdict.ts";
import { seededRandom } from "./random.ts";
import { limitsFor, rulesOf } from "./select-in-world.ts";
import { drawUnits, spreadOf, type Shape } from "./world.ts";

/** One candidate whose real loss is `ratio` times its limit, on both measures about as published tables have them. */
export interface PowerCell extends Shape {
  readonly kind: "power";
  readonly rise: number;
  readonly ratio: number;
  readonly units: number;
  readonly alpha: number;
}

export interface PowerCount {
  readonly runs: number;
  readonly passed: number;
  /** Sum over runs of the units after which it was decided. */
  readonly units: number;
}

/** How often a candidate is certified, and after how many units something is known. */
export const countPower = (cell: PowerCell, seed: number, runs: number): PowerCount => {
  const limits = limitsFor(cell.rise);
  const theta = cell.ratio * limits.lnPplRatio;
  // KLD is about ΔNLL in published tables, so it lies half as far towards its limit.
  const rung = { type: "any", bytes: 1, theta, kld: theta, spread: spreadOf(theta) };
  const rules = rulesOf(cell.units, cell.alpha, limits);
  const random = seededRandom(seed);
  const count = { runs, passed: 0, units: 0 };
  for (let run = 0; run < runs; run += 1) {
    const { verdict, gates } = judge({ text: drawUnits(random, [rung], cell, cell.units).of(0) }, rules);
    if (verdict === "PASS") count.passed += 1;
    count.units += Math.max(...gates.map(({ looks }) => looks.at(-1)?.units ?? 0));
  }
  return count;
};
