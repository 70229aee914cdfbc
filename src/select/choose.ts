import { average, boundsOfMean } from "./bounds.ts";
import { momentsOf } from "./hall.ts";
import { designEffect, unitsNeeded } from "./needed.ts";
import type { Pruned, Sized } from "./prune.ts";
import { judge, type Gate, type Losses, type Rules, type Verdict } from "./verdict.ts";

/** What was measured of one candidate. */
export interface Evidence extends Sized {
  /** Bits a weight over the tensor data; null when the file was not built. */
  readonly bpw: number | null;
  /** By domain; empty when nothing was measured. */
  readonly losses: Readonly<Record<string, Losses>>;
}

/** The full-precision model on the units that were measured, by domain: mean NLL, a number a unit, nats a token. */
export type BaseNll = Readonly<Record<string, readonly number[]>>;

/** One measure on one domain, as the report shows it. */
export interface GateResult {
  readonly measure: Gate["measure"];
  readonly limit: number;
  readonly verdict: Gate["verdict"];
  /** After how many units the verdict was taken; those of the last look when it is undecided. */
  readonly look: number;
  /** Over the units up to that look. */
  readonly mean: number;
  /** The smallest limit that the loss would have been shown to stay below at that look. */
  readonly upper: number;
  /** Two standard errors below the mean: the loss that FAIL is about. */
  readonly lower: number;
  /** One-sided 95 % bound of Student's t over all measured units, as if their number had been fixed: descriptive. */
  readonly upper95: number;
  readonly noisy: boolean;
  readonly looks: Gate["looks"];
  /** Units that would probably decide it (power 0.9); null when the mean is not below the limit. */
  readonly needed: number | null;
}

/** One candidate on one domain. */
export interface DomainResult {
  readonly domain: string;
  /** Units that were measured. */
  readonly units: number;
  readonly ppl: number;
  /** Perplexity of the full-precision model on the same units. */
  readonly basePpl: number;
  readonly gates: readonly GateResult[];
  /** How much less a unit says than independent tokens would; estimated, null without any loss. */
  readonly designEffect: number | null;
  /** A number a unit, in the frozen order. */
  readonly losses: Losses;
}

/** A candidate as the report shows it. */
export interface Candidate {
  readonly type: string;
  readonly bytes: number;
  readonly bpw: number | null;
  readonly verdict: Verdict;
  /** The larger candidate without a PASS that keeps this PASS from counting. */
  readonly blockedBy?: string;
  /** For a candidate that was left out by rule: the type that beats it, and where that is known from. */
  readonly prunedBy?: { readonly type: string; readonly source: string };
  readonly domains: readonly DomainResult[];
}

export interface Selection {
  /** The chosen type, null when no candidate passed. */
  readonly choice: string | null;
  /** The first smaller candidate that did not pass, if there is one. */
  readonly refused: string | null;
  /** From the largest file to the smallest: the order in which they were held against the limits. */
  readonly candidates: readonly Candidate[];
}

export interface Question {
  /** From the largest file to the smallest, in the order frozen before anything was measured. */
  readonly evidence: readonly Evidence[];
  readonly pruned: readonly Pruned[];
  readonly base: BaseNll;
  readonly rules: Rules;
  /** One-sided error rate of the decision. */
  readonly alpha: number;
  /** Tokens of a unit that count. */
  readonly scored: number;
}

/**
 * Walks from the largest file to the smallest and stops at the first one without a PASS: the choice is the last PASS
 * before it. To err, the first candidate whose loss is at its limit or above must be passed, and the chance of that is at
 * most α whatever the others are: a fixed sequence needs no correction for their number (docs/decision.md).
 */
export const choose = (question: Question): Selection => {
  const judged = question.evidence.map((item) => ({ item, ...verdictOf(item, question.rules) }));
  const firstRefused = judged.findIndex(({ verdict }) => verdict !== "PASS");
  const passed = firstRefused === -1 ? judged.length : firstRefused;
  const blocker = judged[passed]?.item.type;
  const tested = judged.map(({ item, verdict, gates }, index): Candidate => ({
    ...facts(item),
    verdict,
    ...(verdict === "PASS" && index > passed && blocker !== undefined ? { blockedBy: blocker } : {}),
    domains: describeDomains(item, gates, question),
  }));
  return {
    choice: judged[passed - 1]?.item.type ?? null,
    refused: blocker ?? null,
    candidates: [...tested, ...question.pruned.map(leftOut)].toSorted((a, b) => b.bytes - a.bytes),
  };
};

const facts = ({ type, bytes, bpw }: Evidence): Pick<Candidate, "type" | "bytes" | "bpw"> => ({ type, bytes, bpw });

const leftOut = ({ type, bytes, by, source }: Pruned): Candidate => ({
  type,
  bytes,
  bpw: null,
  verdict: "NOT_TESTED",
  prunedBy: { type: by, source },
  domains: [],
});

const verdictOf = ({ losses }: Evidence, rules: Rules): { verdict: Verdict; gates: readonly Gate[] } =>
  Object.keys(losses).length === 0 ? { verdict: "NOT_TESTED", gates: [] } : judge(losses, rules);

const describeDomains = ({ losses }: Evidence, gates: readonly Gate[], question: Question): DomainResult[] =>
  question.rules.domains.flatMap(({ domain }) => {
    const own = losses[domain];
    return own === undefined ? [] : [describeDomain(domain, own, gates, question)];
  });

const describeDomain = (domain: string, losses: Losses, gates: readonly Gate[], question: Question): DomainResult => {
  const units = losses.kld.length;
  const base = average((question.base[domain] ?? []).slice(0, units));
  const delta = momentsOf(losses.lnPplRatio);
  return {
    domain,
    units,
    ppl: Math.exp(base + delta.mean),
    basePpl: Math.exp(base),
    gates: gates.filter((gate) => gate.domain === domain).map((gate) => describeGate(gate, losses, question)),
    designEffect: designEffect(delta.sd, question.scored, average(losses.kld)) ?? null,
    losses,
  };
};

const describeGate = (gate: Gate, losses: Losses, { alpha }: Question): GateResult => {
  const { measure, limit, verdict, noisy, looks } = gate;
  const last = looks.at(-1);
  if (last === undefined) throw new Error(`Internal error: ${gate.domain} was judged without a look`);
  const { mean, sd, n } = momentsOf(losses[measure].slice(0, last.units));
  const needed = unitsNeeded(mean, sd, limit, alpha);
  return {
    measure,
    limit,
    verdict,
    look: last.units,
    mean,
    upper: last.upper,
    lower: mean - (2 * sd) / Math.sqrt(n),
    upper95: boundsOfMean(losses[measure], 0.95).upper,
    noisy,
    looks,
    needed: Number.isFinite(needed) ? needed : null,
  };
};
