import { judgeGate, type GateVerdict, type Judged } from "./gate.ts";
import type { LookRule } from "./level.ts";

/** What the evidence says of one candidate. Only PASS counts. */
export type Verdict = "PASS" | "FAIL" | "UNDECIDED" | "NOT_TESTED" | "ERROR";

/** Measures of loss; each is 0 for the full-precision model itself and rises as a candidate gets worse. */
export const measures = ["lnPplRatio", "kld", "topLoss"] as const;
export type Measure = (typeof measures)[number];

/** What one candidate lost against the full-precision model on one domain, a number a unit, in the frozen order. */
export type Losses = Readonly<Record<Measure, readonly number[]>>;

/** The limits of one domain; null where a measure decides nothing. */
export interface DomainLimits extends Readonly<Record<Measure, number | null>> {
  readonly domain: string;
}

/** How a decision is taken: the same for every candidate. */
export interface Rules {
  readonly looks: readonly LookRule[];
  readonly domains: readonly DomainLimits[];
  /**
   * What the full-precision model measures against itself, by domain. A limit that is not above it asks for more than the
   * measurement can show.
   */
  readonly noise: Readonly<Record<string, Readonly<Record<Measure, number>>>>;
}

export interface Gate extends Judged {
  readonly domain: string;
  readonly measure: Measure;
  readonly limit: number;
  /** The limit is not above what the measurement can tell, so nothing can be shown. */
  readonly noisy: boolean;
}

/**
 * Non-inferiority on every measure of every gated domain: PASS when all gates passed, each at its own look, FAIL when one
 * failed. An intersection-union test: the candidate is wrongly passed only if a gate whose loss is at its limit is, so
 * each gate is held at the full level without correction (Berger 1982).
 */
export const judge = (
  losses: Readonly<Record<string, Losses>>,
  rules: Rules,
): { verdict: GateVerdict; gates: Gate[] } => {
  const gates = rules.domains.flatMap((limits) => domainGates(limits, losses[limits.domain], rules));
  return { verdict: together(gates), gates };
};

/** The same from what was known when every domain had been looked at up to `units` units. */
export const judgeUpTo = (
  losses: Readonly<Record<string, Losses>>,
  rules: Rules,
  units: number,
): { verdict: GateVerdict; gates: Gate[] } =>
  judge(losses, { ...rules, looks: rules.looks.filter((look) => look.units <= units) });

/**
 * What no measurement here can show, whatever its noise: BF16 and F16 of one model differ by that much. A pipeline file
 * cannot ask for less than 0.1 %, but an absolute rise may turn out to be less.
 */
const leastShown: Readonly<Record<Measure, number>> = { lnPplRatio: Math.log1p(0.000_999), kld: 0, topLoss: 0 };

const domainGates = (limits: DomainLimits, losses: Losses | undefined, { looks, noise }: Rules): Gate[] =>
  measures.flatMap((measure) => {
    const limit = limits[measure];
    if (limit === null) return [];
    // Turned round, so that a noise or a limit that is no number shows nothing.
    const noisy = !(Math.max(noise[limits.domain]?.[measure] ?? 0, leastShown[measure]) < limit);
    const judged = judgeGate(losses?.[measure] ?? [], limit, looks);
    // Failing is possible all the same: what lies above the noise can be seen to.
    const verdict = noisy && judged.verdict === "PASS" ? "UNDECIDED" : judged.verdict;
    return [{ domain: limits.domain, measure, limit, noisy, ...judged, verdict }];
  });

const together = (gates: readonly Gate[]): GateVerdict => {
  if (gates.some(({ verdict }) => verdict === "FAIL")) return "FAIL";
  return gates.every(({ verdict }) => verdict === "PASS") ? "PASS" : "UNDECIDED";
};
