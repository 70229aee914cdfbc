import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { selectModes, type SelectMode } from "../../src/base/select-mode.ts";
import { choose, type Selection } from "../../src/select/choose.ts";
import type { DomainLimits, Losses, Rules } from "../../src/select/verdict.ts";
import { needless, needlessToBuild, type Progress } from "../../src/select/wanted.ts";
import { seededRandom } from "../sim/random.ts";
import { around, flat, limits, losses, rulesFor } from "./evidence.ts";
import { firstUnits, measureWanted, stretches, unitsOf, type Whole } from "./measured.ts";

const general: DomainLimits = { ...limits, domain: "general", lnPplRatio: 0.5 ** 4, topLoss: 0.25 };
const units = 96;

/** Units of one measure, somewhere around a limit, so that every verdict occurs at every look. */
const series = fc
  .record({ seed: fc.nat(), mean: fc.integer({ min: 0, max: 50 }), spread: fc.integer({ min: 0, max: 200 }) })
  .map(({ seed, mean, spread }) => {
    const random = seededRandom(seed);
    return Array.from({ length: units }, () => (mean + spread * random.normal()) / 1000);
  });
const domainLosses: fc.Arbitrary<Losses> = fc.record({ lnPplRatio: series, kld: series, topLoss: series });
const worldRules = rulesFor(units, [limits, general], 0.2);
const world = fc
  .record({
    ladder: fc.array(fc.record({ notes: domainLosses, general: domainLosses }), { minLength: 1, maxLength: 4 }),
    // A third of the worlds is easy: most candidates pass, so that the walk gets somewhere.
    easy: fc.integer({ min: 0, max: 2 }),
    noise: fc.constantFrom(0, 0, 0, 1),
  })
  .map(({ ladder, easy, noise }) => ({
    rules: {
      ...worldRules,
      noise: { general: { lnPplRatio: 0, kld: noise, topLoss: 0 } },
    },
    whole: new Map(
      ladder.map((each, index) => [
        `T${index}`,
        index < easy ? { notes: losses({}, units), general: losses({}, units) } : each,
      ]),
    ),
  }));

const select = (measured: Whole, whole: Whole, rules: Rules): Selection =>
  choose({
    evidence: [...whole.keys()].map((type, index) => ({
      type,
      bytes: 9 - index,
      bpw: null,
      losses: measured.get(type) ?? {},
    })),
    pruned: [],
    base: { notes: flat(2, units), general: flat(2, units) },
    rules,
    alpha: 0.2,
    scored: 255,
  });

const selectIn = (mode: SelectMode, whole: Whole, rules: Rules): Selection =>
  select(measureWanted(mode, rules, whole), whole, rules);

const runs = { numRuns: 150 };

describe("measuring what is wanted", () => {
  test("gives the choice of measuring everything, the same refused candidate, and the same verdicts down to it", () => {
    fc.assert(
      fc.property(world, ({ rules, whole }) => {
        const full = select(whole, whole, rules);
        const end = full.candidates.findIndex(({ type }) => type === full.refused);
        const decisive = full.candidates.slice(0, end === -1 ? undefined : end + 1).map(({ verdict }) => verdict);
        for (const mode of selectModes) {
          const { choice, refused, candidates } = selectIn(mode, whole, rules);
          expect([choice, refused]).toEqual([full.choice, full.refused]);
          expect(candidates.slice(0, decisive.length).map(({ verdict }) => verdict)).toEqual(decisive);
        }
      }),
      runs,
    );
  });

  test("never contradicts measuring everything below the refused candidate: it only says less", () => {
    fc.assert(
      fc.property(world, ({ rules, whole }) => {
        const full = select(whole, whole, rules);
        const end = full.candidates.findIndex(({ type }) => type === full.refused);
        const [ladder, decisive] = [selectIn("ladder", whole, rules), selectIn("decisive", whole, rules)];
        for (const [index, { verdict }] of full.candidates.entries()) {
          expect([verdict, "UNDECIDED"]).toContain(ladder.candidates[index]!.verdict);
        }
        for (const { verdict } of end === -1 ? [] : decisive.candidates.slice(end + 1))
          expect(verdict).toBe("NOT_TESTED");
      }),
      runs,
    );
  });

  test("measures in ladder what decisive does and more, and never more than full", () => {
    fc.assert(
      fc.property(world, ({ rules, whole }) => {
        const [decisive, ladder, full] = (["decisive", "ladder", "full"] as const).map((mode) =>
          measureWanted(mode, rules, whole),
        );
        for (const [type, domains] of decisive!)
          for (const domain of Object.keys(domains)) expect(ladder!.get(type)?.[domain]).toEqual(domains[domain]);
        expect(unitsOf(ladder!)).toBeLessThanOrEqual(unitsOf(full!));
        expect(unitsOf(full!)).toBe(2 * units * whole.size);
      }),
      runs,
    );
  });

  test("gives every candidate the first look in ladder, so that the curve is whole", () => {
    fc.assert(
      fc.property(world, ({ rules, whole }) => {
        const measured = measureWanted("ladder", rules, whole);
        for (const type of whole.keys())
          for (const domain of ["notes", "general"])
            expect(measured.get(type)![domain]!.kld.length).toBeGreaterThanOrEqual(16);
      }),
      runs,
    );
  });
});

describe("needless", () => {
  const upTo = (whole: Whole, end: number): Whole =>
    new Map(
      [...whole].map(([type, domains]) => [
        type,
        Object.fromEntries(Object.entries(domains).map(([domain, each]) => [domain, firstUnits(each, end)])),
      ]),
    );

  test("in ladder looks at no evidence of this look or later ones, of no candidate", () => {
    fc.assert(
      fc.property(world, ({ rules, whole }) => {
        const of = (measured: Whole): Progress => ({
          mode: "ladder",
          rules,
          ladder: [...whole.keys()],
          losses: measured,
        });
        for (const { type, domain, end } of stretches("ladder", rules, [...whole.keys()])) {
          const before = rules.looks.findLast((look) => look.units < end)?.units ?? 0;
          const stretch = { domain, end };
          expect(needless(of(whole), type, stretch)).toEqual(needless(of(upTo(whole, before)), type, stretch));
        }
      }),
      { numRuns: 100 },
    );
  });

  test("in ladder declines the same measurements in whatever order those of a look end", () => {
    const keys = fc.array(fc.nat(), { minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(world, keys, ({ rules, whole }, order) => {
        const mixed = stretches("ladder", rules, [...whole.keys()])
          .map((each, index) => ({ each, key: order[index] ?? 0 }))
          .sort((a, b) => a.each.end - b.each.end || a.key - b.key)
          .map(({ each }) => each);
        expect(Object.fromEntries(measureWanted("ladder", rules, whole, mixed))).toEqual(
          Object.fromEntries(measureWanted("ladder", rules, whole)),
        );
      }),
      { numRuns: 100 },
    );
  });

  const three = (mode: SelectMode, middle: Partial<Losses>): Progress => ({
    mode,
    rules: rulesFor(64),
    ladder: ["Q8_0", "Q6_K", "Q4_K_M"],
    losses: new Map([
      ["Q8_0", { notes: losses() }],
      ["Q6_K", { notes: losses(middle) }],
      ["Q4_K_M", { notes: losses({ kld: around(0, 1) }) }],
    ]),
  });
  const second = { domain: "notes", end: 32 };

  test("names the verdict that makes a measurement needless", () => {
    const failed = { kld: flat(1) };
    expect(needless(three("ladder", failed), "Q8_0", second)).toEqual({ type: "Q8_0", verdict: "PASS" });
    expect(needless(three("ladder", failed), "Q6_K", second)).toEqual({ type: "Q6_K", verdict: "FAIL" });
    expect(needless(three("ladder", failed), "Q4_K_M", second)).toEqual({ type: "Q6_K", verdict: "FAIL" });
    expect(needless(three("ladder", { kld: around(0, 1) }), "Q4_K_M", second)).toBeUndefined();
    expect(needless(three("full", failed), "Q8_0", second)).toBeUndefined();
  });

  test("declines to build in decisive only, below the first that did not pass", () => {
    const undecided = { kld: around(0, 1) };
    expect(needlessToBuild(three("decisive", undecided), "Q6_K")).toBeUndefined();
    expect(needlessToBuild(three("decisive", undecided), "Q4_K_M")).toEqual({ type: "Q6_K", verdict: "UNDECIDED" });
    expect(needlessToBuild(three("ladder", undecided), "Q4_K_M")).toBeUndefined();
    expect(needlessToBuild(three("full", { kld: flat(1) }), "Q4_K_M")).toBeUndefined();
    expect(needless(three("decisive", { kld: flat(1) }), "Q4_K_M", { domain: "notes", end: 16 })).toEqual({
      type: "Q6_K",
      verdict: "FAIL",
    });
  });

  test("spares a domain that has passed while another one goes on, and says which", () => {
    const progress: Progress = {
      mode: "ladder",
      rules: rulesFor(64, [limits, general]),
      ladder: ["Q8_0"],
      losses: new Map([["Q8_0", { notes: losses(), general: losses({ kld: around(0, 1) }) }]]),
    };
    expect(needless(progress, "Q8_0", second)).toEqual({ type: "Q8_0", verdict: "PASS", domain: "notes" });
    expect(needless(progress, "Q8_0", { domain: "general", end: 32 })).toBeUndefined();
  });

  test("asks for everything of the first look in ladder and full, whatever is known", () => {
    for (const mode of ["ladder", "full"] as const)
      expect(needless(three(mode, { kld: flat(1) }), "Q4_K_M", { domain: "notes", end: 16 })).toBeUndefined();
  });
});
