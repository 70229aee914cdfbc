import { describe, expect, test } from "vitest";
import { limitsOf, type Allowed } from "../../src/select/limits.ts";

const allowed: Allowed = { domain: "notes", ppl: 0.03, pplDelta: null, kld: null, sameTop: null };

describe("limitsOf", () => {
  test("takes the logarithm of a ratio, and twice that for KLD unless it is given", () => {
    expect(limitsOf(allowed, 10)).toEqual({
      domain: "notes",
      lnPplRatio: Math.log1p(0.03),
      kld: 2 * Math.log1p(0.03),
      topLoss: null,
    });
    expect(limitsOf({ ...allowed, kld: 0.06 }, 10).kld).toBe(0.06);
  });

  test("makes a ratio of an absolute rise by the perplexity of the full-precision model", () => {
    const absolute = { ...allowed, ppl: null, pplDelta: 0.05 };
    expect(limitsOf(absolute, 10).lnPplRatio).toBeCloseTo(Math.log(10.05 / 10), 12);
    expect(limitsOf(absolute, 5).lnPplRatio).toBeCloseTo(Math.log(5.05 / 5), 12);
    expect(limitsOf(absolute, 5).kld).toBeCloseTo(2 * Math.log(5.05 / 5), 12);
  });

  test("does not look at the perplexity where a ratio is given", () => {
    expect(limitsOf(allowed, Number.NaN)).toEqual(limitsOf(allowed, 10));
  });

  test("turns the same top token into a loss", () => {
    expect(limitsOf({ ...allowed, sameTop: 0.95 }, 10).topLoss).toBeCloseTo(0.05, 12);
  });

  test("allows no rise where none is named", () => {
    expect(limitsOf({ ...allowed, ppl: null }, 10).lnPplRatio).toBe(0);
  });
});
