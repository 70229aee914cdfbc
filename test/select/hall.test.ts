import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hallT, momentsOf, studentT, upperBound, type Moments } from "../../src/select/hall.ts";

const sample = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 128 })
  // Units that differ by less than they are printed with would test rounding only.
  .filter((values) => momentsOf(values).sd > 1e-6);
const critical = fc.double({ min: 0, max: 10, noNaN: true });
const limit = fc.double({ min: -5, max: 5, noNaN: true });

describe("momentsOf", () => {
  test("gives mean, the standard deviation of n − 1, and skewness by n", () => {
    // 0, 0, 0, 4 has mean 1 and squares 1 + 1 + 1 + 9.
    const { n, mean, sd, skew } = momentsOf([0, 0, 0, 4]);
    expect([n, mean]).toEqual([4, 1]);
    expect(sd).toBeCloseTo(2, 12);
    // cubes: (−1)·3 + 27 = 24, by four 6; squares 12, by four 3: 6 / 3^1.5.
    expect(skew).toBeCloseTo(6 / 3 ** 1.5, 12);
  });

  test("takes a long tail downwards for none, and equal units too", () => {
    expect(momentsOf([0, 0, 0, -4]).skew).toBe(0);
    expect(momentsOf([3, 3, 3])).toEqual({ n: 3, mean: 3, sd: 0, skew: 0 });
  });
});

describe("hallT", () => {
  test("is Hall's polynomial in t", () => {
    fc.assert(
      fc.property(sample, limit, (values, at) => {
        const moments = momentsOf(values);
        const [t, g, n] = [studentT(moments, at), moments.skew, moments.n];
        const expected = t + (g * t ** 2) / (3 * Math.sqrt(n)) + (g ** 2 * t ** 3) / (27 * n) + g / (6 * Math.sqrt(n));
        expect(Math.abs(hallT(moments, at) - expected)).toBeLessThan(1e-6 * (1 + Math.abs(t)) ** 3);
      }),
    );
  });

  test("falls as the limit rises, however far away", () => {
    fc.assert(
      fc.property(sample, limit, fc.double({ min: 0, max: 5, noNaN: true }), (values, at, more) => {
        const moments = momentsOf(values);
        expect(hallT(moments, at + more)).toBeLessThanOrEqual(hallT(moments, at) + 1e-9);
      }),
    );
  });

  test("is harder to pass than plain t where losses have a long tail upwards", () => {
    const moments: Moments = { n: 16, mean: 0, sd: 1, skew: 2 };
    expect(-hallT(moments, 0.6)).toBeLessThan(-studentT(moments, 0.6));
    expect(hallT({ ...moments, skew: 0 }, 0.6)).toBe(studentT(moments, 0.6));
  });

  test("is infinite when all units are equal: below the limit downwards, at it or above upwards", () => {
    const moments = momentsOf([0.25, 0.25]);
    expect([0.25 + 1e-9, 0.25, 0.25 - 1e-9].map((at) => hallT(moments, at))).toEqual([-Infinity, Infinity, Infinity]);
  });

  test("is no number where a unit or the limit is none", () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) expect(hallT(momentsOf([0, 1, value]), 1)).toBeNaN();
    expect(hallT(momentsOf([0, 1]), Number.NaN)).toBeNaN();
  });
});

test("a skewness as small as rounding changes nothing", () => {
  for (const skew of [1e-9, 1e-13, 1e-16, 1e-18]) {
    const moments: Moments = { n: 16, mean: 0.1, sd: 1, skew };
    expect(hallT(moments, 2.1)).toBeCloseTo(-8, 6);
    expect(upperBound(moments, 3)).toBeCloseTo(0.85, 6);
  }
});

describe("upperBound", () => {
  test("is the limit at which Hall's t lies exactly at minus the critical value", () => {
    fc.assert(
      fc.property(sample, critical, (values, c) => {
        const moments = momentsOf(values);
        expect(Math.abs(hallT(moments, upperBound(moments, c)) + c)).toBeLessThan(1e-5);
      }),
    );
  });

  test("rises with the critical value", () => {
    fc.assert(
      fc.property(sample, critical, critical, (values, a, b) => {
        const moments = momentsOf(values);
        const [low, high] = [upperBound(moments, Math.min(a, b)), upperBound(moments, Math.max(a, b))];
        expect(low).toBeLessThanOrEqual(high + 1e-12);
      }),
    );
  });

  test("is the value itself when all units are equal", () => {
    expect(upperBound(momentsOf([0.25, 0.25, 0.25]), 3)).toBe(0.25);
  });
});
