import tQuantile from "@stdlib/stats-base-dists-t-quantile";
import normalCdf from "@stdlib/stats-base-dists-normal-cdf";
import { looksOf } from "../base/looks.ts";
import { criticalValues } from "./spending.ts";

/** A look at the holdout and how far a loss must lie below its limit there. */
export interface LookRule {
  /** Units measured by then. */
  readonly units: number;
  /** One-sided level of this look alone. */
  readonly level: number;
  /** Critical value: quantile of Student's t with units − 1 degrees of freedom at that level. */
  readonly critical: number;
}

/**
 * Part of the error rate that is spent. On few units the correction for skewness does not reach far enough: with these
 * factors the worst simulated cell stays at the stated rate (`npm run sim`, docs/decision.md).
 */
export const spentPart = (units: number): number => (units >= 128 ? 1 : units >= 64 ? 0.7 : 0.6);

/** The recursion takes some ten milliseconds, and one decision asks for the same rules again and again. */
const known = new Map<string, readonly LookRule[]>();

/**
 * The looks at a holdout and their critical values.
 * @param units in the holdout, of one domain
 * @param alpha one-sided error rate of the whole decision
 */
export const lookRules = (units: number, alpha: number): readonly LookRule[] => {
  const key = `${units} ${alpha}`;
  const rules = known.get(key) ?? makeRules(units, alpha);
  known.set(key, rules);
  return rules;
};

const makeRules = (units: number, alpha: number): readonly LookRule[] => {
  const looks = looksOf(units);
  return criticalValues(looks, alpha * spentPart(units)).map((z, index) => {
    const at = looks[index] ?? units;
    const level = 1 - normalCdf(z, 0, 1);
    return { units: at, level, critical: tQuantile(1 - level, at - 1) };
  });
};
