import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { looksOf } from "../../src/base/looks.ts";
import { cutShards } from "../../src/plan/shards.ts";

const sizes = (units: number, windows = 1): number[] =>
  cutShards(["medical"], units, windows).map((shard) => shard.units);

describe("cutShards", () => {
  test.each([
    [16, 1, [16]],
    [17, 1, [16, 1]],
    [32, 1, [16, 16]],
    [100, 1, [16, 16, 32, 36]],
    [128, 1, [16, 16, 32, 64]],
    [128, 4, [16, 16, 16, 16, 16, 16, 16, 16]],
    [200, 1, [16, 16, 32, 64, 36, 36]],
    [16, 16, [4, 4, 4, 4]],
    [3, 1, [3]],
  ])("cuts %d units of %d windows at the looks and at 64 windows", (units, windows, expected) => {
    expect(sizes(units, windows)).toEqual(expected);
  });

  test("numbers the shards from 1, and says how many units there are up to the end of each", () => {
    expect(cutShards(["medical"], 128, 2)).toEqual([
      { number: 1, domain: "medical", units: 16, end: 16 },
      { number: 2, domain: "medical", units: 16, end: 32 },
      { number: 3, domain: "medical", units: 32, end: 64 },
      { number: 4, domain: "medical", units: 32, end: 96 },
      { number: 5, domain: "medical", units: 32, end: 128 },
    ]);
  });

  test("lets the domains take turns, each up to the same look", () => {
    const turns = cutShards(["medical", "general"], 64, 2).map(({ number, domain, end }) => [number, domain, end]);
    expect(turns).toEqual([
      [1, "medical", 16],
      [2, "general", 16],
      [3, "medical", 32],
      [4, "general", 32],
      [5, "medical", 64],
      [6, "general", 64],
    ]);
    expect(cutShards(["medical", "general"], 17, 6).map(({ domain, end }) => [domain, end])).toEqual([
      ["medical", 8],
      ["medical", 16],
      ["general", 8],
      ["general", 16],
      ["medical", 17],
      ["general", 17],
    ]);
  });

  test("cuts nothing where no domain decides", () => {
    expect(cutShards([], 128, 1)).toEqual([]);
  });

  const domains = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 4 });
  const [units, windows] = [fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 200 })];

  test("ends a shard at every look, holds every unit once, and exceeds 64 windows only with a single unit", () => {
    fc.assert(
      fc.property(units, windows, (count, size) => {
        const cut = cutShards(["medical"], count, size);
        let sum = 0;
        for (const shard of cut) expect(shard.end).toBe((sum += shard.units));
        expect(sum).toBe(count);
        expect(cut.map(({ end }) => end)).toEqual(expect.arrayContaining([16, 32, 64, 128].filter((at) => at < count)));
        for (const shard of cut) expect(shard.units === 1 || (shard.units > 1 && shard.units * size <= 64)).toBe(true);
      }),
    );
  });

  test("cuts every domain as if it were alone, and begins no look before the one before is whole in all domains", () => {
    fc.assert(
      fc.property(domains, units, windows, (names, count, size) => {
        const cut = cutShards(names, count, size);
        expect(cut.map(({ number }) => number)).toEqual(cut.map((_, index) => index + 1));
        for (const domain of names) {
          const own = cut.filter((shard) => shard.domain === domain).map((shard) => ({ ...shard, number: 0 }));
          expect(own).toEqual(cutShards([domain], count, size).map((shard) => ({ ...shard, number: 0 })));
        }
        const lookOf = cut.map(({ end }) => looksOf(count).findIndex((look) => end <= look));
        expect(lookOf).toEqual(lookOf.toSorted((a, b) => a - b));
      }),
    );
  });
});
