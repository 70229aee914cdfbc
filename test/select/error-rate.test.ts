import { describe, expect, test } from "vitest";
import type { ErrorCell } from "../sim/cells.ts";
import { alphas, countErrors } from "../sim/count-errors.ts";

/**
 * A small part of `npm run sim`, with its bounds: the cells in which a wrong procedure shows soonest. Seeds are fixed, so
 * that a count is the same each time.
 */
const cell = (change: Partial<ErrorCell>): ErrorCell => ({
  kind: "error",
  noise: "gamma",
  cv: 1,
  pattern: "all",
  boundary: "lnPplRatio",
  units: 128,
  ...change,
});
const allowed = [0.065, 0.05];
const runs = 2500;

describe("the whole selection certifies what lies at its limit no more often than it says", () => {
  test.each([
    ["few units whose documents differ much", cell({ units: 16 })],
    ["four looks, documents that differ much", cell({})],
    ["Gaussian noise, and the larger candidates inside", cell({ noise: "gaussian", cv: 0, pattern: "one", units: 64 })],
    ["KLD at the limit", cell({ boundary: "kld", units: 64 })],
  ])("%s", (_, each) => {
    const { wrong, point } = countErrors(each, 5, runs);
    for (const [index, bound] of allowed.entries()) {
      const standardError = Math.sqrt((bound * (1 - bound)) / runs);
      expect(wrong[index]! / runs, `α = ${alphas[index]}`).toBeLessThanOrEqual(bound + 3 * standardError);
    }
    // A procedure that certifies nothing keeps every bound as well.
    expect(wrong[0]! / runs).toBeGreaterThan(0.015);
    expect(Math.abs(point / runs - 0.5)).toBeLessThan(0.06);
  });
});
