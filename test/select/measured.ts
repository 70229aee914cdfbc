import type { SelectMode } from "../../src/base/select-mode.ts";
import type { Losses, Measure, Rules } from "../../src/select/verdict.ts";
import { needless, type Progress } from "../../src/select/wanted.ts";

/** Everything that could be measured: losses on all units by candidate and domain. */
export type Whole = ReadonlyMap<string, Readonly<Record<string, Losses>>>;

/** A measurement that may be asked for. */
export interface Stretch {
  readonly type: string;
  readonly domain: string;
  /** Units of the domain after it. */
  readonly end: number;
}

/** Every measurement after those that may make it needless: down the ladder in `decisive`, else look by look. */
export const stretches = (mode: SelectMode, { looks, domains }: Rules, ladder: readonly string[]): Stretch[] => {
  const ends = looks.flatMap(({ units }, index) => cut(looks[index - 1]?.units ?? 0, units));
  const each = (end: number, type: string): Stretch[] => domains.map(({ domain }) => ({ type, domain, end }));
  return mode === "decisive"
    ? ladder.flatMap((type) => ends.flatMap((end) => each(end, type)))
    : ends.flatMap((end) => ladder.flatMap((type) => each(end, type)));
};

/** A look of more than 32 units is measured in two goes, as large shards are. */
const cut = (from: number, to: number): number[] => (to - from > 32 ? [Math.floor((from + to) / 2), to] : [to]);

/** What is there after everything was measured that `needless` does not decline. */
export const measureWanted = (
  mode: SelectMode,
  rules: Rules,
  whole: Whole,
  order = stretches(mode, rules, [...whole.keys()]),
): Whole => {
  const losses = new Map<string, Readonly<Record<string, Losses>>>();
  const progress: Progress = { mode, rules, ladder: [...whole.keys()], losses };
  for (const { type, domain, end } of order) {
    if (needless(progress, type, { domain, end }) !== undefined) continue;
    losses.set(type, { ...losses.get(type), [domain]: firstUnits(whole.get(type)![domain]!, end) });
  }
  return losses;
};

export const firstUnits = (losses: Losses, units: number): Losses => {
  const of = (measure: Measure): number[] => losses[measure].slice(0, units);
  return { lnPplRatio: of("lnPplRatio"), kld: of("kld"), topLoss: of("topLoss") };
};

export const unitsOf = (losses: Whole): number =>
  [...losses.values()].flatMap((domains) => Object.values(domains)).reduce((sum, { kld }) => sum + kld.length, 0);
