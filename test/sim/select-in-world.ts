import { choose, type Evidence, type Selection } from "../../src/select/choose.ts";
import { lookRules } from "../../src/select/level.ts";
import { judge, type DomainLimits, type Losses, type Rules } from "../../src/select/verdict.ts";
import type { Sized } from "../../src/select/prune.ts";

const domain = "text";

/** Rules of a decision on one domain whose measurement has no noise. */
export const rulesOf = (units: number, alpha: number, limits: Omit<DomainLimits, "domain">): Rules => ({
  looks: lookRules(units, alpha),
  domains: [{ domain, ...limits }],
  noise: {},
});

/** Limits of a rise of perplexity, and twice that for KLD: as a pipeline has them that names the rise only. */
export const limitsFor = (rise: number): { lnPplRatio: number; kld: number; topLoss: null } => ({
  lnPplRatio: Math.log1p(rise),
  kld: 2 * Math.log1p(rise),
  topLoss: null,
});

/**
 * The whole selection, measured from the largest file down as in `decisive` mode. What lies below a refused candidate is
 * left out, since no mode lets it change the choice (test/select/wanted.test.ts).
 */
export const selectFrom = (
  ladder: readonly Sized[],
  losses: (rung: number) => Losses,
  rules: Rules,
  alpha: number,
): Selection => {
  const evidence: Evidence[] = ladder.map(({ type, bytes }) => ({ type, bytes, bpw: null, losses: {} }));
  for (const [rung, item] of evidence.entries()) {
    const measured = { [domain]: losses(rung) };
    evidence[rung] = { ...item, losses: measured };
    if (judge(measured, rules).verdict !== "PASS") break;
  }
  return choose({ evidence, pruned: [], base: { [domain]: zeros(rules) }, rules, alpha, scored: 1020 });
};

/** Perplexity of the full-precision model, which decides nothing. */
const zeros = ({ looks }: Rules): number[] => Array.from({ length: looks.at(-1)?.units ?? 0 }, () => 0);

/** Places of the candidates that are certified: all down to the choice. */
export const certified = ({ choice }: Selection, ladder: readonly Sized[]): number =>
  ladder.findIndex(({ type }) => type === choice) + 1;
