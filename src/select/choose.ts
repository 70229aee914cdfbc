import { average, boundsOfMean } from "./bounds.ts";
import { judge, type Evidence, type Gate, type Limits, type Verdict } from "./verdict.ts";

/** A candidate as the report shows it. */
export interface Candidate {
  readonly type: string;
  readonly bytes: number;
  readonly bpw: number;
  readonly verdict: Verdict;
  /** The larger candidate without a PASS that keeps this PASS from counting. */
  readonly blockedBy?: string;
  /** Units that were measured. */
  readonly units: number;
  /** After how many units the verdict was taken. */
  readonly look: number;
  /** Perplexity over the units common to all candidates. */
  readonly ppl: number;
  readonly lnPplRatio: Estimate;
  readonly kld: Estimate;
}

/** A mean with its one-sided upper bounds: at 95 %, and at the confidence of the tolerance, which decided. */
export interface Estimate {
  readonly mean: number;
  readonly upper95: number;
  readonly lower: number;
  readonly upper: number;
  readonly limit: number;
  readonly verdict: "PASS" | "FAIL" | "UNDECIDED";
}

export interface Selection {
  /** The chosen type, null when no candidate passed. */
  readonly choice: string | null;
  /** The first smaller candidate that did not pass, if there is one. */
  readonly refused: string | null;
  readonly limits: Limits;
  /** Perplexity of the full-precision model over the same units. */
  readonly basePpl: number;
  /** From the largest file to the smallest: the order in which they were held against the limits. */
  readonly candidates: readonly Candidate[];
}

/**
 * Walks from the largest file to the smallest and stops at the first one without a PASS: the choice is the last PASS
 * before it. Fixed sequence, so no correction for the number of candidates (docs/decision.md).
 * @param baseNll mean NLL of the full-precision model, a number a unit
 */
export const choose = (evidence: readonly Evidence[], baseNll: readonly number[], limits: Limits): Selection => {
  const ladder = [...evidence].sort((a, b) => b.bytes - a.bytes || (a.type < b.type ? -1 : 1));
  const judged = ladder.map((item) => ({ item, ...judge(item, limits) }));
  const firstRefused = judged.findIndex(({ verdict }) => verdict !== "PASS");
  const passed = firstRefused === -1 ? judged.length : firstRefused;
  const blocker = judged[passed]?.item.type;
  return {
    choice: judged[passed - 1]?.item.type ?? null,
    refused: blocker ?? null,
    limits,
    basePpl: Math.exp(average(baseNll)),
    candidates: judged.map(({ item, verdict, gates }, index) => ({
      ...describe(item, verdict, gates, limits),
      ...(verdict === "PASS" && index > passed && blocker !== undefined ? { blockedBy: blocker } : {}),
    })),
  };
};

const describe = (item: Evidence, verdict: Verdict, [ppl, kld]: readonly [Gate, Gate], limits: Limits): Candidate => ({
  type: item.type,
  bytes: item.bytes,
  bpw: item.bpw,
  verdict,
  units: item.nll.length,
  look: item.nll.length,
  ppl: Math.exp(average(item.nll)),
  lnPplRatio: estimate(ppl, item.deltaNll, limits),
  kld: estimate(kld, item.kld, limits),
});

const estimate = ({ bounds, limit, verdict }: Gate, values: readonly number[], limits: Limits): Estimate => ({
  mean: bounds.mean,
  upper95: limits.confidence === 0.95 ? bounds.upper : boundsOfMean(values, 0.95).upper,
  lower: bounds.lower,
  upper: bounds.upper,
  limit,
  verdict,
});
