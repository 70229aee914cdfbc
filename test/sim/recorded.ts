import { readFileSync } from "node:fs";
import { average } from "../../src/select/bounds.ts";
import { choose } from "../../src/select/choose.ts";
import { lookRules } from "../../src/select/level.ts";
import { judge, measures, type DomainLimits, type Losses, type Measure, type Rules } from "../../src/select/verdict.ts";
import { seededRandom, type Random } from "./random.ts";

/**
 * Units of a real model, as a report has them: a `report.json` of `mode: full` is such a file as it is, and one that is
 * kept needs these keys only.
 */
export interface Recording {
  readonly limits: readonly DomainLimits[];
  readonly candidates: readonly {
    readonly type: string;
    readonly bytes: number;
    readonly domains: readonly { readonly domain: string; readonly losses: Losses }[];
  }[];
}

/** Candidates moved to the limit of one measure on one domain, from one of them down; `from` 0 means all. */
export interface RecordedCell {
  readonly kind: "recorded";
  readonly file: string;
  readonly alpha: number;
  readonly domain: string;
  readonly measure: Measure;
  readonly from: number;
}

export interface RecordedCount {
  readonly runs: number;
  readonly wrong: number;
}

type Candidate = { readonly type: string; readonly bytes: number; readonly losses: Readonly<Record<string, Losses>> };

/** Candidates that have all units in every limited domain, from the largest to the smallest, and what limits them. */
export const readRecording = (file: string): { limits: readonly DomainLimits[]; candidates: readonly Candidate[] } => {
  const { limits, candidates } = JSON.parse(readFileSync(file, "utf8")) as Recording;
  const all = candidates.map(({ type, bytes, domains }) => ({
    type,
    bytes,
    losses: Object.fromEntries(domains.map(({ domain, losses }) => [domain, losses])),
  }));
  const unitsOf = (each: Candidate): number =>
    Math.min(...limits.map(({ domain }) => each.losses[domain]?.kld.length ?? 0));
  const most = Math.max(0, ...all.map(unitsOf));
  if (most < 2) throw new Error(`${file} holds no candidate with two units or more in each domain that has a limit`);
  return { limits, candidates: all.filter((each) => unitsOf(each) === most).sort((a, b) => b.bytes - a.bytes) };
};

/** Every domain, measure and first candidate at its limit for which the recording has units that differ. */
export const recordedCells = (file: string, alpha: number): RecordedCell[] => {
  const { limits, candidates } = readRecording(file);
  return limits.flatMap(({ domain, ...limit }) =>
    measures
      .filter((measure) => limit[measure] !== null)
      .flatMap((measure) =>
        candidates.flatMap(({ losses }, from): RecordedCell[] =>
          // Where all units are equal (the full-precision model against itself) there is nothing to resample.
          new Set(losses[domain]?.[measure]).size < 2 ? [] : [{ kind: "recorded", file, alpha, domain, measure, from }],
        ),
      ),
  );
};

/** Recentred bootstrap: units are moved so that their mean is the limit, then drawn with replacement for whole decisions. */
export const countRecorded = (cell: RecordedCell, seed: number, runs: number): RecordedCount => {
  const { limits, candidates } = readRecording(cell.file);
  const placed = candidates.map((each, index) => recentred(each, limits, index >= cell.from ? cell : null));
  const units = candidates[0]?.losses[limits[0]?.domain ?? ""]?.kld.length ?? 0;
  const rules: Rules = { looks: lookRules(units, cell.alpha), domains: limits, noise: {} };
  const random = seededRandom(seed);
  let wrong = 0;
  for (let run = 0; run < runs; run += 1)
    if (certifiedIn(placed, rules, cell, picks(random, units, limits))) wrong += 1;
  return { runs, wrong };
};

/** The same units for every candidate, since one holdout is measured by all; each domain has its own. */
const picks = (random: Random, units: number, limits: readonly DomainLimits[]): Record<string, number[]> =>
  Object.fromEntries(
    limits.map(({ domain }) => [domain, Array.from({ length: units }, () => Math.floor(random.uniform() * units))]),
  );

const certifiedIn = (
  candidates: readonly Candidate[],
  rules: Rules,
  { from, alpha }: RecordedCell,
  chosen: Readonly<Record<string, readonly number[]>>,
): boolean => {
  const evidence = candidates.map((each) => ({ type: each.type, bytes: each.bytes, bpw: null, losses: {} }));
  for (const [index, { losses }] of candidates.entries()) {
    const drawn = Object.fromEntries(
      Object.entries(chosen).map(([domain, units]) => [domain, pick(losses[domain]!, units)]),
    );
    evidence[index] = { ...evidence[index]!, losses: drawn };
    if (judge(drawn, rules).verdict !== "PASS") break;
  }
  const base = Object.fromEntries(Object.keys(chosen).map((domain) => [domain, chosen[domain]!.map(() => 0)]));
  const { choice } = choose({ evidence, pruned: [], base, rules, alpha, scored: 1020 });
  return candidates.findIndex(({ type }) => type === choice) >= from;
};

const pick = (losses: Losses, units: readonly number[]): Losses => {
  const of = (values: readonly number[]): number[] => units.flatMap((unit) => values[unit] ?? []);
  return { lnPplRatio: of(losses.lnPplRatio), kld: of(losses.kld), topLoss: of(losses.topLoss) };
};

/** Far inside, where another measure or domain, or a larger candidate, must not shield what is tested. */
const inside = 0.1;

const recentred = (candidate: Candidate, limits: readonly DomainLimits[], at: RecordedCell | null): Candidate => ({
  ...candidate,
  losses: Object.fromEntries(
    limits.map((limit) => {
      const own = candidate.losses[limit.domain]!;
      const move = (measure: Measure): number[] => {
        const tested = at?.domain === limit.domain && at.measure === measure;
        return tested ? shifted(own[measure], limit[measure] ?? 0) : shrunk(own[measure], limit[measure]);
      };
      return [limit.domain, { lnPplRatio: move("lnPplRatio"), kld: move("kld"), topLoss: move("topLoss") }];
    }),
  ),
});

const shifted = (values: readonly number[], limit: number): number[] => {
  const mean = average(values);
  return values.map((value) => value - mean + limit);
};

/** Scaled and not moved, so that its own spread cannot keep it from passing. */
const shrunk = (values: readonly number[], limit: number | null): number[] => {
  if (limit === null || values.length === 0) return [...values];
  const largest = Math.max(...values.map(Math.abs));
  return values.map((value) => (largest === 0 ? 0 : (value / largest) * inside * limit));
};
