import tQuantile from "@stdlib/stats-base-dists-t-quantile";

/** A mean over units of text, with one-sided confidence bounds. */
export interface Bounds {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
  /** Units. */
  readonly n: number;
}

/**
 * Student's t bounds of the mean of independent units: mean ± t(n−1, confidence) · s/√n, each one-sided. Units and not
 * tokens are the sample, because tokens of one text depend on each other (docs/decision.md).
 * @param values one number a unit, at least two
 * @param confidence such as 0.95
 */
export const boundsOfMean = (values: readonly number[], confidence: number): Bounds => {
  const n = values.length;
  const mean = average(values);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const margin = tQuantile(confidence, n - 1) * Math.sqrt(variance / n);
  return { mean, lower: mean - margin, upper: mean + margin, n };
};

/** Arithmetic mean of at least one value. */
export const average = (values: readonly number[]): number => {
  if (values.length === 0) throw new Error("Internal error: mean of nothing");
  return values.reduce((sum, value) => sum + value, 0) / values.length;
};

/** Means of consecutive groups of `size`: windows of one unit become that unit's value. */
export const groupMeans = (values: readonly number[], size: number): number[] =>
  Array.from({ length: Math.floor(values.length / size) }, (_, index) =>
    average(values.slice(index * size, (index + 1) * size)),
  );
