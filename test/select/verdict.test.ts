import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  judge,
  judgeUpTo,
  type DomainLimits,
  type Losses,
  type Measure,
  type Rules,
} from "../../src/select/verdict.ts";
import { around, flat, limits, losses, rulesFor } from "./evidence.ts";

const other: DomainLimits = { domain: "general", lnPplRatio: 0.5 ** 4, kld: 0.5 ** 3, topLoss: null };
const both = rulesFor(16, [limits, other]);
const far = { lnPplRatio: flat(1), kld: flat(1) };
const wide = { lnPplRatio: around(0, 1) };
const verdict = (change: Partial<Losses>, rules = rulesFor(16)) => judge({ notes: losses(change) }, rules).verdict;
const noisy = (noise: Partial<Record<Measure, number>>): Rules => ({
  ...rulesFor(16),
  noise: { notes: { lnPplRatio: 0, kld: 0, topLoss: 0, ...noise } },
});

describe("judge", () => {
  test("passes what lies below both limits, and fails what lies at one", () => {
    expect(verdict({})).toBe("PASS");
    expect(verdict({ lnPplRatio: flat(limits.lnPplRatio!) })).toBe("FAIL");
    expect(verdict({ kld: flat(limits.kld!) })).toBe("FAIL");
    expect(verdict({ lnPplRatio: flat(limits.lnPplRatio! - 1e-9), kld: flat(limits.kld! - 1e-9) })).toBe("PASS");
  });

  test("passes nothing at a limit below 0.1 %, as an absolute rise may come out, but still fails what lies above it", () => {
    const rules = { ...rulesFor(16), domains: [{ ...limits, lnPplRatio: Math.log1p(0.0005) }] };
    expect(verdict({ lnPplRatio: flat(0) }, rules)).toBe("UNDECIDED");
    expect(verdict({ lnPplRatio: flat(0.01) }, rules)).toBe("FAIL");
    const least = { ...rules, domains: [{ ...limits, lnPplRatio: Math.log1p(0.001) }] };
    expect(verdict({ lnPplRatio: flat(0) }, least)).toBe("PASS");
  });

  test("is undecided when one measure is, and fails when one fails although the other is undecided", () => {
    expect(verdict(wide)).toBe("UNDECIDED");
    expect(verdict({ kld: around(0, 1) })).toBe("UNDECIDED");
    expect(verdict({ ...wide, kld: flat(1) })).toBe("FAIL");
  });

  test("refuses a model whose perplexity improved while its distribution moved", () => {
    const judged = judge({ notes: losses({ lnPplRatio: flat(-0.2), kld: flat(0.4) }) }, rulesFor(16));
    expect(judged.verdict).toBe("FAIL");
    expect(judged.gates.map(({ measure, verdict: gate }) => [measure, gate])).toEqual([
      ["lnPplRatio", "PASS"],
      ["kld", "FAIL"],
    ]);
  });

  test("holds the same top token against its limit only where there is one", () => {
    const strict = rulesFor(16, [{ ...limits, topLoss: 0.05 }]);
    expect(verdict({ topLoss: flat(0.1) })).toBe("PASS");
    expect(verdict({ topLoss: flat(0.1) }, strict)).toBe("FAIL");
    expect(verdict({ topLoss: flat(0.04) }, strict)).toBe("PASS");
    expect(verdict({ topLoss: [] }, strict)).toBe("UNDECIDED");
  });

  test("passes only what passes on every domain, each against its own limits", () => {
    const of = (notes: Partial<Losses>, general: Partial<Losses>) =>
      judge({ notes: losses(notes), general: losses(general) }, both).verdict;
    const between = { lnPplRatio: flat(0.045) };
    expect(of({}, {})).toBe("PASS");
    expect(of({}, between)).toBe("PASS");
    expect(of(between, {})).toBe("FAIL");
    expect(of({}, far)).toBe("FAIL");
    expect(of({}, wide)).toBe("UNDECIDED");
    expect(of(wide, far)).toBe("FAIL");
    expect(judge({ notes: losses() }, both).verdict).toBe("UNDECIDED");
    expect(judge({}, both).verdict).toBe("UNDECIDED");
  });

  test("a gate that passed early stays passed while another one goes on", () => {
    const rules = rulesFor(64);
    // KLD is decided after 64 units only; by then ΔNLL would be far outside.
    const kld = [...around(0.03, 0.09, 32), ...around(0.03, 0.03, 32)];
    const lnPplRatio = [...flat(0, 16), ...flat(9, 48)];
    const judged = judge({ notes: losses({ lnPplRatio, kld }) }, rules);
    expect(judged.verdict).toBe("PASS");
    expect(judged.gates.map(({ looks }) => looks.at(-1)?.units)).toEqual([16, 64]);
    expect(judgeUpTo({ notes: losses({ lnPplRatio, kld }) }, rules, 32).verdict).toBe("UNDECIDED");
  });

  test("shows nothing below the noise of the measurement, but can fail there", () => {
    expect(verdict({}, noisy({ kld: limits.kld! / 2 }))).toBe("PASS");
    expect(verdict({}, noisy({ kld: limits.kld! }))).toBe("UNDECIDED");
    expect(verdict({}, noisy({ lnPplRatio: 1 }))).toBe("UNDECIDED");
    expect(verdict({}, noisy({ kld: Number.NaN }))).toBe("UNDECIDED");
    expect(verdict({ kld: flat(1) }, noisy({ kld: 0.5 }))).toBe("FAIL");
    expect(judge({ notes: losses() }, noisy({ kld: 1 })).gates).toMatchObject([{ noisy: false }, { noisy: true }]);
  });

  test("never passes on a number that is none, wherever it stands", () => {
    const bad = fc.constantFrom(Number.NaN, Infinity, -Infinity);
    fc.assert(
      fc.property(bad, fc.nat(15), fc.constantFrom("lnPplRatio", "kld"), (value, at, measure) => {
        expect(verdict({ [measure]: flat(0).with(at, value) })).not.toBe("PASS");
      }),
    );
    for (const measure of ["lnPplRatio", "kld"])
      expect(verdict(wide, rulesFor(16, [{ ...limits, [measure]: Number.NaN }]))).not.toBe("PASS");
  });

  test("never decides on fewer units than the first look has", () => {
    for (const value of [0, 9])
      expect(
        judge({ notes: losses({ kld: flat(value, 15), lnPplRatio: flat(value, 15) }, 15) }, rulesFor(16)).verdict,
      ).toBe("UNDECIDED");
  });
});

describe("judgeUpTo", () => {
  test("says what was known by then, whatever was measured later", () => {
    const unit = fc.double({ min: -0.1, max: 0.15, noNaN: true });
    const rules = rulesFor(64);
    const many = fc.array(unit, { minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(many, many, fc.constantFrom(16, 32, 64), (lnPplRatio, kld, units) => {
        const cut = { lnPplRatio: lnPplRatio.slice(0, units), kld: kld.slice(0, units), topLoss: [] };
        expect(judgeUpTo({ notes: { lnPplRatio, kld, topLoss: [] } }, rules, units)).toEqual(
          judge({ notes: cut }, rules),
        );
      }),
    );
  });
});
