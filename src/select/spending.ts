import normalCdf from "@stdlib/stats-base-dists-normal-cdf";
import normalQuantile from "@stdlib/stats-base-dists-normal-quantile";

/**
 * Critical values of a test with several looks: the probability to cross at look j or before, under the null hypothesis,
 * is α·(n_j/N)² (error spending, Lan and DeMets 1983; this spending function is the power family with exponent 2). Early
 * looks spend little, because small samples know least of their own tail.
 *
 * Found by the recursion of Armitage, McPherson and Rowe (1969): the density of the running sum over those who have not
 * crossed is carried from look to look by numerical integration.
 * @param looks units at each look, rising; the last is all there are
 * @param alpha one-sided error over all looks
 * @returns one normal critical value a look
 */
export const criticalValues = (looks: readonly number[], alpha: number): number[] => {
  const last = looks.at(-1) ?? 0;
  const times = looks.map((look) => look / last);
  let walk: Density | undefined;
  return times.map((time, index) => {
    const before = times[index - 1] ?? 0;
    const spend = alpha * (time ** 2 - before ** 2);
    const bound = walk === undefined ? firstBound(time, spend) : nextBound(walk, time - before, spend);
    walk = walk === undefined ? firstDensity(time, bound) : nextDensity(walk, time - before, bound);
    return bound / Math.sqrt(time);
  });
};

/** Density of the running sum at a look over those that have not crossed, on a grid from `low` up to the bound. */
interface Density {
  readonly points: readonly number[];
  /** The density times the weight of its point in the integral. */
  readonly masses: readonly number[];
}

/** Steps of the grid; doubling them moves no critical value by 1e-6. */
const steps = 400;
/** Standard deviations that the grid goes down: less than 1e-15 lies below. */
const depth = 8;

const phi = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

const firstBound = (time: number, spend: number): number => normalQuantile(1 - spend, 0, 1) * Math.sqrt(time);

const firstDensity = (time: number, bound: number): Density =>
  onGrid(-depth * Math.sqrt(time), bound, (x) => phi(x / Math.sqrt(time)) / Math.sqrt(time));

const nextDensity = ({ points, masses }: Density, gap: number, bound: number): Density => {
  const sd = Math.sqrt(gap);
  const low = (points[0] ?? 0) - sd;
  return onGrid(
    low,
    bound,
    (x) => masses.reduce((sum, mass, index) => sum + mass * phi((x - (points[index] ?? 0)) / sd), 0) / sd,
  );
};

/** Simpson's rule: weights 1 4 2 4 … 4 1. */
const onGrid = (low: number, high: number, density: (x: number) => number): Density => {
  const width = (high - low) / steps;
  const points = Array.from({ length: steps + 1 }, (_, index) => low + index * width);
  const weight = (index: number): number => (index === 0 || index === steps ? 1 : index % 2 === 1 ? 4 : 2);
  return { points, masses: points.map((x, index) => (density(x) * weight(index) * width) / 3) };
};

/** The bound that exactly `spend` of what is left crosses next, by bisection. */
const nextBound = ({ points, masses }: Density, gap: number, spend: number): number => {
  const sd = Math.sqrt(gap);
  const crossing = (bound: number): number =>
    masses.reduce((sum, mass, index) => sum + mass * (1 - normalCdf((bound - (points[index] ?? 0)) / sd, 0, 1)), 0);
  let [low, high] = [-depth, depth];
  for (let turn = 0; turn < 60; turn += 1) {
    const middle = (low + high) / 2;
    if (crossing(middle) > spend) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};
