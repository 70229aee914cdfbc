import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { choose } from "../../src/select/choose.ts";
import { evidence, flat, limits } from "./evidence.ts";

const wide = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? -1 : 1));
const bad = { kld: flat(0.5) };
const unsure = { kld: wide };
const base = flat(Math.log(10));

describe("choose", () => {
  test("takes the smallest file when everything passes", () => {
    const { choice, refused, candidates } = choose(
      [evidence("Q4_K_M", 40), evidence("Q8_0", 80), evidence("Q6_K", 60)],
      base,
      limits,
    );
    expect([choice, refused]).toEqual(["Q4_K_M", null]);
    expect(candidates.map(({ type, verdict }) => [type, verdict])).toEqual([
      ["Q8_0", "PASS"],
      ["Q6_K", "PASS"],
      ["Q4_K_M", "PASS"],
    ]);
    expect(candidates.some((candidate) => "blockedBy" in candidate)).toBe(false);
  });

  test.each([
    ["fails", bad],
    ["is undecided", unsure],
    ["has a number that is none", { deltaNll: flat(0).with(3, Number.NaN) }],
  ])("stops before the first candidate that %s, and says what blocks a smaller one that passes", (_, change) => {
    const selection = choose(
      [evidence("Q8_0", 80), evidence("Q6_K", 60, change), evidence("Q5_K_M", 50), evidence("Q4_K_M", 40, bad)],
      base,
      limits,
    );
    expect([selection.choice, selection.refused]).toEqual(["Q8_0", "Q6_K"]);
    expect(selection.candidates.map(({ blockedBy }) => blockedBy)).toEqual([undefined, undefined, "Q6_K", undefined]);
  });

  test("takes none when the largest does not pass, however good the others are", () => {
    const selection = choose([evidence("Q8_0", 80, bad), evidence("Q4_K_M", 40)], base, limits);
    expect([selection.choice, selection.refused]).toEqual([null, "Q8_0"]);
    expect(selection.candidates[1]).toMatchObject({ verdict: "PASS", blockedBy: "Q8_0" });
  });

  test("orders files of one size by name, in whatever order they come", () => {
    const ladder = [evidence("Q3_K", 40), evidence("IQ4", 40), evidence("Q8_0", 80)];
    for (const order of [ladder, ladder.toReversed()])
      expect(choose(order, base, limits).candidates.map(({ type }) => type)).toEqual(["Q8_0", "IQ4", "Q3_K"]);
  });

  test("gives perplexities, counts and both bounds, with the 95 % one whatever decided", () => {
    const item = evidence("Q8_0", 80, { nll: flat(Math.log(11), 32), deltaNll: wide, kld: wide });
    const strict = choose([item], base, { ...limits, confidence: 0.99 });
    const usual = choose([item], base, limits);
    expect(strict.basePpl).toBeCloseTo(10, 9);
    expect(strict.candidates[0]).toMatchObject({ units: 32, look: 32, bpw: 4.5, bytes: 80 });
    expect(strict.candidates[0]!.ppl).toBeCloseTo(11, 9);
    const [kld, kldAt95] = [strict.candidates[0]!.kld, usual.candidates[0]!.kld];
    expect(kld.upper).toBeGreaterThan(kld.upper95);
    expect(kld.upper95).toBe(kldAt95.upper);
    expect(kldAt95.upper95).toBe(kldAt95.upper);
    expect(kld.limit).toBe(limits.kld);
  });

  test("chooses a PASS all of whose larger files pass, and the smallest such, for any ladder in any order", () => {
    const candidate = fc.record({ bytes: fc.integer({ min: 1, max: 9 }), good: fc.boolean() });
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 8 }), fc.boolean(), (list, turned) => {
        const ladder = list.map(({ bytes, good }, index) => evidence(`T${index}`, bytes, good ? {} : bad));
        const { choice, refused, candidates } = choose(turned ? ladder.toReversed() : ladder, base, limits);
        const verdicts = candidates.map(({ verdict }) => verdict);
        const at = candidates.findIndex(({ type }) => type === choice);
        expect(verdicts.slice(0, at + 1).every((verdict) => verdict === "PASS")).toBe(true);
        expect(verdicts[at + 1]).not.toBe("PASS");
        expect(candidates[at + 1]?.type ?? null).toBe(refused);
        expect(candidates.map(({ bytes }) => bytes)).toEqual(list.map(({ bytes }) => bytes).sort((a, b) => b - a));
        for (const { blockedBy, verdict } of candidates.slice(at + 1))
          expect(blockedBy).toBe(verdict === "PASS" ? refused : undefined);
      }),
    );
  });
});
