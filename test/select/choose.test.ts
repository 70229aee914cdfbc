import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundsOfMean } from "../../src/select/bounds.ts";
import { choose, type Evidence, type Question } from "../../src/select/choose.ts";
import { around, evidence, flat, limits, losses, rulesFor } from "./evidence.ts";

const bad = { kld: flat(0.5) };
const unsure = { kld: around(0, 1) };
const question = (list: readonly Evidence[], change: Partial<Question> = {}): Question => ({
  evidence: list,
  pruned: [],
  base: { notes: flat(Math.log(10), 128) },
  rules: rulesFor(16),
  alpha: 0.05,
  scored: 255,
  ...change,
});
const untested = (type: string, bytes: number): Evidence => ({ type, bytes, bpw: null, losses: {} });

describe("choose", () => {
  test("takes the smallest file when everything passes", () => {
    const { choice, refused, candidates } = choose(
      question([evidence("Q8_0", 80), evidence("Q6_K", 60), evidence("Q4_K_M", 40)]),
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
    ["fails", evidence("Q6_K", 60, bad), "FAIL"],
    ["is undecided", evidence("Q6_K", 60, unsure), "UNDECIDED"],
    ["has a number that is none", evidence("Q6_K", 60, { lnPplRatio: flat(0).with(3, Number.NaN) }), "UNDECIDED"],
    ["was not measured", untested("Q6_K", 60), "NOT_TESTED"],
  ])(
    "stops before the first candidate that %s, and says what blocks a smaller one that passes",
    (_, middle, verdict) => {
      const selection = choose(
        question([evidence("Q8_0", 80), middle, evidence("Q5_K_M", 50), evidence("Q4_K_M", 40, bad)]),
      );
      expect([selection.choice, selection.refused]).toEqual(["Q8_0", "Q6_K"]);
      expect(selection.candidates.map((each) => each.verdict)).toEqual(["PASS", verdict, "PASS", "FAIL"]);
      expect(selection.candidates.map(({ blockedBy }) => blockedBy)).toEqual([undefined, undefined, "Q6_K", undefined]);
    },
  );

  test("takes none when the largest does not pass, however good the others are, and none of none", () => {
    const selection = choose(question([evidence("Q8_0", 80, bad), evidence("Q4_K_M", 40)]));
    expect([selection.choice, selection.refused]).toEqual([null, "Q8_0"]);
    expect(selection.candidates[1]).toMatchObject({ verdict: "PASS", blockedBy: "Q8_0" });
    expect(choose(question([]))).toEqual({ choice: null, refused: null, candidates: [] });
  });

  test("lists what was left out by rule at its size; it blocks nothing and is no refusal", () => {
    const pruned = [{ type: "Q4_0", bytes: 45, by: "IQ4_XS", source: "a table" }];
    const { choice, refused, candidates } = choose(
      question([evidence("Q8_0", 80), evidence("IQ4_XS", 44)], { pruned }),
    );
    expect([choice, refused]).toEqual(["IQ4_XS", null]);
    expect(candidates[1]).toEqual({
      type: "Q4_0",
      bytes: 45,
      bpw: null,
      verdict: "NOT_TESTED",
      prunedBy: { type: "IQ4_XS", source: "a table" },
      domains: [],
    });
  });

  test("tests in the frozen order, also where sizes are equal", () => {
    const list = [evidence("B", 40), evidence("A", 40, bad)];
    expect(choose(question(list)).choice).toBe("B");
    expect(choose(question(list.toReversed())).choice).toBe(null);
    expect(choose(question(list)).candidates.map(({ type }) => type)).toEqual(["B", "A"]);
  });

  test("tells perplexities over the measured units, and both bounds at the look that decided", () => {
    const rules = rulesFor(64);
    const kld = [...around(0.01, 0.09), ...around(0.01, 0.03)];
    const lnPplRatio = [...around(0, 0.001), ...flat(Math.log(1.1))];
    const base = { notes: [...flat(Math.log(10), 32), ...flat(99, 32)] };
    const { candidates } = choose(question([evidence("Q8_0", 80, { kld, lnPplRatio }, 32)], { rules, base }));
    const [domain] = candidates[0]!.domains;
    expect(domain!.units).toBe(32);
    expect(domain!.basePpl).toBeCloseTo(10, 9);
    expect(domain!.ppl).toBeCloseTo(10 * Math.sqrt(1.1), 9);
    const [delta, second] = domain!.gates;
    expect(delta).toMatchObject({ measure: "lnPplRatio", verdict: "PASS", look: 16, limit: limits.lnPplRatio });
    expect(delta!.mean).toBeCloseTo(0, 12);
    expect(delta!.upper).toBe(delta!.looks[0]!.upper);
    // ±0.001 on 16 units: two standard errors are 2 · 0.001 · √(16/15) / 4.
    expect(delta!.lower).toBeCloseTo(-0.0005 * Math.sqrt(16 / 15), 9);
    expect(delta!.upper95).toBe(boundsOfMean(lnPplRatio, 0.95).upper);
    expect(second).toMatchObject({ measure: "kld", look: 32 });
    expect(second!.upper95).toBe(boundsOfMean(kld, 0.95).upper);
  });

  test("says how many units would decide, and nothing where the mean is not below the limit", () => {
    const { candidates } = choose(
      question([evidence("Q8_0", 80, { lnPplRatio: around(0, 0.2), kld: around(0.0625, 0.1) })]),
    );
    const [delta, kld] = candidates[0]!.domains[0]!.gates;
    expect([delta!.verdict, kld!.verdict]).toEqual(["UNDECIDED", "UNDECIDED"]);
    // (2.9264 · 0.2 · √(16/15) / 0.03125)² = 374.2
    expect(delta!.needed).toBe(375);
    expect(kld!.needed).toBe(null);
  });

  test("knows a design effect where there is a loss", () => {
    const of = (kld: number) =>
      choose(question([evidence("Q8_0", 80, { lnPplRatio: around(0, 0.01), kld: flat(kld) })])).candidates[0]!
        .domains[0]!;
    expect(of(0).designEffect).toBe(null);
    expect(of(0.02).designEffect).toBeCloseTo((1e-4 * (16 / 15) * 255) / (2.4 * 0.02), 9);
  });

  test("describes the limited domains that were measured, in the order of the limits", () => {
    const general = { ...limits, domain: "general" };
    const rules = rulesFor(16, [general, limits]);
    const base = { notes: flat(2), general: flat(3), other: flat(4) };
    const item = { ...evidence("Q8_0", 80), losses: { notes: losses(), other: losses(), general: losses() } };
    const [whole, half] = choose(question([item, evidence("Q6_K", 60)], { rules, base })).candidates;
    expect(whole!.domains.map(({ domain }) => domain)).toEqual(["general", "notes"]);
    expect([half!.verdict, half!.domains.map(({ domain }) => domain)]).toEqual(["UNDECIDED", ["notes"]]);
  });

  test("chooses a PASS all of whose larger files pass, and the smallest such, for any ladder", () => {
    const kinds = [evidence("", 0), evidence("", 0, bad), evidence("", 0, unsure), untested("", 0)];
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 8 }), (list) => {
        const ladder = list.map((kind, index) => ({ ...kinds[kind]!, type: `T${index}`, bytes: 9 - index }));
        const { choice, refused, candidates } = choose(question(ladder));
        const verdicts = candidates.map(({ verdict }) => verdict);
        const at = candidates.findIndex(({ type }) => type === choice);
        expect(verdicts.slice(0, at + 1).every((verdict) => verdict === "PASS")).toBe(true);
        expect(verdicts[at + 1]).not.toBe("PASS");
        expect(candidates[at + 1]?.type ?? null).toBe(refused);
        for (const { blockedBy, verdict } of candidates.slice(at + 1))
          expect(blockedBy).toBe(verdict === "PASS" ? refused : undefined);
      }),
    );
  });
});
