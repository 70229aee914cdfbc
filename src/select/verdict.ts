import { boundsOfMean, type Bounds } from "./bounds.ts";

/** What the evidence says of one candidate. Only PASS counts. */
export type Verdict = "PASS" | "FAIL" | "UNDECIDED" | "NOT_TESTED" | "ERROR";

/** What one candidate lost against the full-precision model, a number a unit. */
export interface Evidence {
  readonly type: string;
  /** bytes of the file */
  readonly bytes: number;
  /** bits a weight over the tensor data, as llama-quantize reports it */
  readonly bpw: number;
  /** mean negative log-likelihood of the units, nats a token */
  readonly nll: readonly number[];
  /** NLL of the candidate minus NLL of the full-precision model, the same units, nats a token */
  readonly deltaNll: readonly number[];
  /** mean KL divergence from the full-precision model, nats a token */
  readonly kld: readonly number[];
}

/** The limits a candidate is held against. */
export interface Limits {
  /** ln(1 + δ) where δ is the allowed relative rise of perplexity */
  readonly lnPplRatio: number;
  /** nats a token */
  readonly kld: number;
  /** one-sided, such as 0.95 */
  readonly confidence: number;
}

/** One of the two measures with its bounds and what they mean. */
export interface Gate {
  readonly measure: "lnPplRatio" | "kld";
  readonly bounds: Bounds;
  readonly limit: number;
  readonly verdict: "PASS" | "FAIL" | "UNDECIDED";
}

export interface Judged {
  readonly verdict: "PASS" | "FAIL" | "UNDECIDED";
  readonly gates: readonly [Gate, Gate];
}

/**
 * Non-inferiority on both measures (an intersection-union test: each at the full level, no correction): PASS when both
 * upper bounds are inside their limits, FAIL when a lower bound is outside, else UNDECIDED. Perplexity alone would
 * pass a model whose distribution moved while its perplexity improved.
 */
export const judge = (evidence: Evidence, limits: Limits): Judged => {
  const gates = [
    gate("lnPplRatio", evidence.deltaNll, limits.lnPplRatio, limits.confidence),
    gate("kld", evidence.kld, limits.kld, limits.confidence),
  ] as const;
  const verdicts = gates.map(({ verdict }) => verdict);
  if (verdicts.includes("FAIL")) return { verdict: "FAIL", gates };
  return { verdict: verdicts.includes("UNDECIDED") ? "UNDECIDED" : "PASS", gates };
};

const gate = (measure: Gate["measure"], values: readonly number[], limit: number, confidence: number): Gate => {
  const bounds = boundsOfMean(values, confidence);
  const verdict = bounds.upper <= limit ? "PASS" : bounds.lower > limit ? "FAIL" : "UNDECIDED";
  return { measure, bounds, limit, verdict };
};
