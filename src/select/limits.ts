import type { DomainLimits } from "./verdict.ts";

/** What a pipeline allows on one domain. */
export interface Allowed {
  readonly domain: string;
  /** Relative rise of perplexity; null when `pplDelta` is given. */
  readonly ppl: number | null;
  /** Rise of perplexity as a difference. */
  readonly pplDelta: number | null;
  /** Nats a token; null: twice the limit of ln(PPL ratio). */
  readonly kld: number | null;
  /** Least part of tokens on which both models prefer the same one. */
  readonly sameTop: number | null;
}

/**
 * The tolerance on the scales on which losses add: δ → ln(1 + δ), and the same top token as a part of tokens lost.
 * @param basePpl perplexity of the full-precision model on the first look's units, which every decision measures and which
 * no candidate can change: the absolute rise that people quote becomes a ratio by it
 */
export const limitsOf = (allowed: Allowed, basePpl: number): DomainLimits => {
  const lnPplRatio = Math.log1p(allowed.ppl ?? (allowed.pplDelta ?? 0) / basePpl);
  return {
    domain: allowed.domain,
    lnPplRatio,
    kld: allowed.kld ?? 2 * lnPplRatio,
    topLoss: allowed.sameTop === null ? null : 1 - allowed.sameTop,
  };
};
