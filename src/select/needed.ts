import normalQuantile from "@stdlib/stats-base-dists-normal-quantile";

/** Chance to show a loss that really lies where it was measured, used wherever units are counted beforehand. */
const power = 0.9;

/**
 * Units that a test at its last look needs to pass with probability 0.9: ((z_α + z_0.9) · sd / (limit − mean))², the
 * sample size of a one-sided test of a mean. Infinite when the mean is not below the limit.
 * @param alpha one-sided
 */
export const unitsNeeded = (mean: number, sd: number, limit: number, alpha: number): number => {
  if (mean >= limit) return Infinity;
  const z = normalQuantile(1 - alpha, 0, 1) + normalQuantile(power, 0, 1);
  return Math.max(2, Math.ceil(((z * sd) / (limit - mean)) ** 2));
};

/**
 * Largest loss that `units` units can be expected to show inside the limit, as a part of the limit. For small
 * perturbations the variance of ΔNLL is about 2.4·KLD a token (measured on published tables of Llama-3-8B, where it is
 * 2.3 to 2.7), and KLD about the mean ΔNLL; tokens of one unit depend on each other by the design effect.
 * @param scored tokens of a unit that count
 * @param limit ln(1 + δ)
 */
export const largestShown = (units: number, scored: number, limit: number, alpha: number): number => {
  const z = normalQuantile(1 - alpha, 0, 1) + normalQuantile(power, 0, 1);
  const a = (z * z * variancePerKld * usualDesignEffect) / (units * scored);
  // (limit − x)² = a·x, the smaller root.
  const half = limit + a / 2;
  return (half - Math.sqrt(half * half - limit * limit)) / limit;
};

const variancePerKld = 2.4;
/** Not known for weight quantization from any public log; 2 is what paired chunks of mixed text have shown. */
const usualDesignEffect = 2;

/**
 * How much less a unit says than as many independent tokens would: variance of unit means times scored tokens, over the
 * variance of one token's ΔNLL, which is taken as 2.4·KLD. Undefined without any loss.
 */
export const designEffect = (sd: number, scored: number, kld: number): number | undefined =>
  kld <= 0 ? undefined : (sd * sd * scored) / (variancePerKld * kld);
