import { choose, type Evidence } from "../../src/select/choose.ts";
import type { Rules } from "../../src/select/verdict.ts";
import type { SelectMode } from "../../src/base/select-mode.ts";
import { measureWanted, unitsOf, type Whole } from "../select/measured.ts";
import { seededRandom } from "./random.ts";
import { limitsFor, rulesOf } from "./select-in-world.ts";
import { drawUnits, realLadder, type Shape } from "./world.ts";

/** The published ladder under one tolerance. */
export interface CostCell extends Shape {
  readonly kind: "cost";
  readonly mode: SelectMode;
  readonly rise: number;
  readonly units: number;
  readonly alpha: number;
}

export interface CostCount {
  readonly runs: number;
  /** Sums over runs: units measured as a part of all there are, and the square of it. */
  readonly part: number;
  readonly square: number;
  readonly built: number;
  /** Decisions that took the smallest candidate that is inside, the next larger one, or one that is not inside. */
  readonly best: number;
  readonly next: number;
  readonly wrong: number;
}

const ladder = realLadder.map(({ type }) => type);

/** The smallest candidate that lies inside with all larger ones: what a decision without any doubt would take. */
export const trueBest = (rise: number): number => {
  const { lnPplRatio, kld } = limitsFor(rise);
  return realLadder.findIndex((rung) => rung.theta >= lnPplRatio || rung.kld >= kld) - 1;
};

/** Simulates whole decisions, in which only what `needless` does not decline is measured. */
export const countCost = (cell: CostCell, seed: number, runs: number): CostCount => {
  const rules = rulesOf(cell.units, cell.alpha, limitsFor(cell.rise));
  const random = seededRandom(seed);
  const best = trueBest(cell.rise);
  const count = { runs, part: 0, square: 0, built: 0, best: 0, next: 0, wrong: 0 };
  for (let run = 0; run < runs; run += 1) {
    const draw = drawUnits(random, realLadder, cell, cell.units);
    const whole = new Map(ladder.map((type, rung) => [type, { text: draw.of(rung) }]));
    const losses = measureWanted(cell.mode, rules, whole);
    const part = unitsOf(losses) / (ladder.length * cell.units);
    count.part += part;
    count.square += part * part;
    count.built += losses.size;
    const taken = ladder.indexOf(choiceFrom(losses, rules, cell.alpha) ?? "");
    if (taken === best) count.best += 1;
    if (taken === best - 1) count.next += 1;
    if (taken > best) count.wrong += 1;
  }
  return count;
};

const choiceFrom = (losses: Whole, rules: Rules, alpha: number): string | null => {
  const evidence = realLadder.map(({ type, bytes }): Evidence => ({
    type,
    bytes,
    bpw: null,
    losses: losses.get(type) ?? {},
  }));
  const base = { text: Array.from({ length: rules.looks.at(-1)!.units }, () => 0) };
  return choose({ evidence, pruned: [], base, rules, alpha, scored: 1020 }).choice;
};
