import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { average, boundsOfMean, groupMeans } from "../../src/select/bounds.ts";

/** n values with mean 0 and sample standard deviation 1: the margin is then t(n − 1) / √n. */
const standard = (n: number): number[] =>
  Array.from({ length: n }, (_, index) => (index % 2 === 0 ? 1 : -1) * Math.sqrt((n - 1) / n));

describe("boundsOfMean", () => {
  // Quantiles of Student's t from printed tables, four decimals.
  test.each([
    [2, 0.95, 6.3138],
    [16, 0.95, 1.7531],
    [32, 0.95, 1.6955],
    [64, 0.95, 1.6694],
    [128, 0.95, 1.6569],
    [16, 0.99, 2.6025],
    [32, 0.975, 2.0395],
    [16, 0.5, 0],
  ])("of %d units at %f uses the t quantile %f", (n, confidence, quantile) => {
    const { mean, lower, upper } = boundsOfMean(standard(n), confidence);
    expect(mean).toBeCloseTo(0, 12);
    expect(upper * Math.sqrt(n)).toBeCloseTo(quantile, 3);
    expect(lower).toBeCloseTo(-upper, 12);
  });

  test("moves and scales with the values", () => {
    const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.double({ min: -3, max: 3, noNaN: true }), (units, shift) => {
        const [plain, moved] = [
          boundsOfMean(units, 0.95),
          boundsOfMean(
            units.map((unit) => 2 * unit + shift),
            0.95,
          ),
        ];
        expect(moved.upper).toBeCloseTo(2 * plain.upper + shift, 8);
        expect(moved.lower).toBeCloseTo(2 * plain.lower + shift, 8);
        expect(plain.lower).toBeLessThanOrEqual(plain.mean);
        expect(plain.upper).toBeGreaterThanOrEqual(plain.mean);
      }),
    );
  });

  test("has no width when all units are equal, and none that is a number for a single unit", () => {
    expect(boundsOfMean([0.25, 0.25, 0.25], 0.95)).toEqual({ mean: 0.25, lower: 0.25, upper: 0.25, n: 3 });
    expect(boundsOfMean([0.25], 0.95)).toEqual({ mean: 0.25, lower: Number.NaN, upper: Number.NaN, n: 1 });
  });
});

test("average throws on nothing, which is a bug", () => {
  expect(average([1, 2, 6])).toBe(3);
  expect(() => average([])).toThrow("Internal error");
});

test("groupMeans gives the mean of each unit's windows", () => {
  expect(groupMeans([1, 3, 5, 7, 9, 11], 2)).toEqual([2, 6, 10]);
  expect(groupMeans([1, 3, 5], 1)).toEqual([1, 3, 5]);
  expect(groupMeans([1, 2, 3, 4, 5, 6], 3)).toEqual([2, 5]);
  expect(groupMeans([1, Number.NaN, 3, 4], 2)).toEqual([Number.NaN, 3.5]);
});
