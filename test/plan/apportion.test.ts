import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apportion } from "../../src/plan/apportion.ts";

const shares = fc
  .array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1, noNaN: true }), fc.constantFrom(0.1, 0.2, 1 / 3)), {
    minLength: 1,
    maxLength: 12,
  })
  .filter((parts) => parts.some((part) => part > 0));

describe("apportion", () => {
  test("gives whole numbers that add up to the total, each within one of its exact share, none to a zero share", () => {
    fc.assert(
      fc.property(fc.nat(100_000), shares, (total, parts) => {
        const seats = apportion(total, parts);
        const sum = parts.reduce((a, b) => a + b, 0);
        expect(seats.reduce((a, b) => a + b, 0)).toBe(total);
        for (const [index, part] of parts.entries()) {
          expect(Number.isInteger(seats[index])).toBe(true);
          expect(Math.abs(seats[index]! - (total * part) / sum)).toBeLessThan(1 + 1e-9);
          expect(part > 0 || seats[index] === 0).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("gives the larger share no less", () => {
    fc.assert(
      fc.property(fc.nat(1000), shares, (total, parts) => {
        const sorted = parts.toSorted((a, b) => a - b);
        const seats = apportion(total, sorted);
        // Equal shares are served from the left, so they are left out.
        const inverted = seats.filter(
          (seat, at) => at > 0 && sorted[at]! > sorted[at - 1]! * (1 + 1e-9) && seat < seats[at - 1]!,
        );
        expect(inverted).toEqual([]);
      }),
    );
  });

  test("gives a tie to the earlier share", () => {
    expect(apportion(3, [1, 1])).toEqual([2, 1]);
    expect(apportion(10, [0.5, 0.2, 0.2, 0.1])).toEqual([5, 2, 2, 1]);
    expect(apportion(1, [0.4, 0.6])).toEqual([0, 1]);
    expect(apportion(0, [0.4, 0.6])).toEqual([0, 0]);
  });
});
