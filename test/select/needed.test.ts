import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { designEffect, largestShown, unitsNeeded } from "../../src/select/needed.ts";

describe("unitsNeeded", () => {
  // (1.6449 + 1.2816)² = 8.564; at 0.01: (2.3263 + 1.2816)² = 13.017.
  test.each([
    [0, 1, 0.5, 0.05, 35],
    [0, 1, 1, 0.05, 9],
    [0, 1, 0.5, 0.01, 53],
    [0.4, 0.2, 0.5, 0.05, 35],
    [0, 0, 0.5, 0.05, 2],
  ])("of mean %f, deviation %f, limit %f, error %f are %i", (mean, sd, limit, alpha, units) => {
    expect(unitsNeeded(mean, sd, limit, alpha)).toBe(units);
  });

  test("are no number that ends when the mean is not below the limit", () => {
    expect(unitsNeeded(0.5, 1, 0.5, 0.05)).toBe(Infinity);
    expect(unitsNeeded(0.6, 0, 0.5, 0.05)).toBe(Infinity);
  });
});

describe("largestShown", () => {
  test("is the loss for which these units are what is needed", () => {
    const units = fc.integer({ min: 16, max: 4096 });
    const limit = fc.double({ min: 0.001, max: 0.1, noNaN: true });
    fc.assert(
      fc.property(units, fc.constantFrom(255, 1020), limit, fc.constantFrom(0.05, 0.01), (n, scored, held, alpha) => {
        const part = largestShown(n, scored, held, alpha);
        expect(part).toBeGreaterThan(0);
        expect(part).toBeLessThan(1);
        const loss = part * held;
        const needed = unitsNeeded(loss, Math.sqrt((2.4 * 2 * loss) / scored), held, alpha);
        expect(Math.abs(needed - n)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("rises with the units", () => {
    const parts = [16, 32, 64, 128, 1024].map((units) => largestShown(units, 1020, 0.03, 0.05));
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
  });
});

describe("designEffect", () => {
  test("is 1 for units of independent tokens whose variance is 2.4 KLD", () => {
    expect(designEffect(Math.sqrt((2.4 * 0.02) / 255), 255, 0.02)).toBeCloseTo(1, 12);
    expect(designEffect(2 * Math.sqrt((2.4 * 0.02) / 255), 255, 0.02)).toBeCloseTo(4, 12);
  });

  test("is not known without a loss", () => {
    expect(designEffect(0, 255, 0)).toBeUndefined();
    expect(designEffect(0.1, 255, -1e-9)).toBeUndefined();
  });
});
