import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge, type Limits } from "../../src/select/verdict.ts";
import { evidence, flat, limits } from "./evidence.ts";

const half = 0.5 ** 6;
/** Limits that a double holds exactly, so that sums of equal values are exact too. */
const exact: Limits = { lnPplRatio: half, kld: 2 * half, confidence: 0.95 };
const verdict = (delta: readonly number[], kld: readonly number[], held = exact) =>
  judge(evidence("Q4_K_M", 1, { deltaNll: delta, kld }), held).verdict;

describe("judge", () => {
  test("passes at the very limits and not a hair beyond", () => {
    expect(verdict(flat(half), flat(2 * half))).toBe("PASS");
    expect(verdict(flat(half + 1e-12), flat(2 * half))).toBe("FAIL");
    expect(verdict(flat(half), flat(2 * half + 1e-12))).toBe("FAIL");
  });

  test("is undecided when the limit lies between the bounds", () => {
    const wide = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? -1 : 1));
    expect(verdict(wide, flat(0))).toBe("UNDECIDED");
    expect(verdict(flat(0), wide)).toBe("UNDECIDED");
  });

  test("fails when one measure fails although the other is undecided", () => {
    const wide = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? -1 : 1));
    expect(verdict(wide, flat(1))).toBe("FAIL");
    expect(verdict(flat(1), wide)).toBe("FAIL");
  });

  test("refuses a model whose perplexity improved while its distribution moved", () => {
    const judged = judge(evidence("Q2_K", 1, { deltaNll: flat(-0.2), kld: flat(0.4) }), limits);
    expect(judged.verdict).toBe("FAIL");
    expect(judged.gates.map(({ measure, verdict: gate }) => [measure, gate])).toEqual([
      ["lnPplRatio", "PASS"],
      ["kld", "FAIL"],
    ]);
  });

  test("never passes on a number that is none, wherever it stands", () => {
    const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    fc.assert(
      fc.property(bad, fc.nat(15), fc.boolean(), (value, at, inKld) => {
        const spoilt = flat(0).with(at, value);
        expect(verdict(inKld ? flat(0) : spoilt, inKld ? spoilt : flat(0))).not.toBe("PASS");
      }),
    );
  });

  test.each<keyof Limits>(["lnPplRatio", "kld", "confidence"])("never passes when %s is no number", (name) => {
    const wide = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? -0.01 : 0.01));
    expect(verdict(wide, wide, { ...limits, [name]: Number.NaN })).not.toBe("PASS");
  });

  test("never decides on a single unit", () => {
    expect(verdict([0], [0])).toBe("UNDECIDED");
    expect(verdict([9], [9])).toBe("UNDECIDED");
  });

  test("passes exactly when both upper bounds are inside, and fails exactly when a lower one is outside", () => {
    const units = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 2, maxLength: 32 });
    fc.assert(
      fc.property(units, units, (delta, kld) => {
        const judged = judge(evidence("Q4_K_M", 1, { deltaNll: delta, kld }), limits);
        const inside = judged.gates.every(({ bounds, limit }) => bounds.upper <= limit);
        const outside = judged.gates.some(({ bounds, limit }) => bounds.lower > limit);
        expect(judged.verdict).toBe(inside ? "PASS" : outside ? "FAIL" : "UNDECIDED");
      }),
    );
  });
});
