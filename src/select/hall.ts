import { average } from "./bounds.ts";

/** A sample of units in three numbers. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation, n − 1. */
  readonly sd: number;
  /** Skewness, 0 where it is negative: only losses with a long tail upwards deceive a small sample. */
  readonly skew: number;
}

/** @param values one number a unit, at least two */
export const momentsOf = (values: readonly number[]): Moments => {
  const n = values.length;
  const mean = average(values);
  const square = average(values.map((value) => (value - mean) ** 2));
  const spread = Math.sqrt(square);
  // Scaled first: the cubes of tiny differences are nothing.
  const skew = spread === 0 ? 0 : Math.max(average(values.map((value) => ((value - mean) / spread) ** 3)), 0);
  return { n, mean, sd: Math.sqrt((square * n) / (n - 1)), skew };
};

/** Student's t of the mean against a limit; infinite when all units are equal. */
export const studentT = ({ n, mean, sd }: Moments, limit: number): number => {
  if (sd === 0) return mean < limit ? -Infinity : Infinity;
  return (mean - limit) / (sd / Math.sqrt(n));
};

/**
 * Hall's transformation of t (Hall 1992, "On the removal of skewness by transformation"): with b = skew/√n it is
 * t + b·t²/3 + b²·t³/27 + b/6, which rises with t everywhere, so that no large |t| is turned round. Written as t times
 * what is never negative, it neither loses digits where b is nearly 0 nor becomes no number where t is huge.
 */
export const hallT = (moments: Moments, limit: number): number => {
  const t = studentT(moments, limit);
  const b = moments.skew / Math.sqrt(moments.n);
  return Number.isFinite(t) ? (t / 3) * (((b * t) / 3 + 1.5) ** 2 + 0.75) + b / 6 : t;
};

/**
 * The smallest limit that the sample would be shown to stay below: `hallT(moments, bound) = −critical`, solved. So a
 * candidate passes a look exactly when its limit is above this bound, and the bound is what a person is told.
 *
 * The polynomial is ((1 + b·t/3)³ − 1)/b + b/6, so t = (3/b)·(∛(1 − b·critical − b²/6) − 1); written with the root in
 * the denominator, as below, it keeps all its digits where b is nearly 0.
 */
export const upperBound = ({ n, mean, sd, skew }: Moments, critical: number): number => {
  const b = skew / Math.sqrt(n);
  const root = Math.cbrt(1 - b * critical - (b * b) / 6);
  const t = (-3 * (critical + b / 6)) / (root * root + root + 1);
  return mean - (t * sd) / Math.sqrt(n);
};
