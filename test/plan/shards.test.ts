import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutShards } from "../../src/plan/shards.ts";

const sizes = (units: number, windows = 1): number[] => cutShards(units, windows).map((shard) => shard.units);

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

  test("numbers the shards from 1", () => {
    expect(cutShards(128, 1).map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });

  test("ends a shard at every look, holds every unit once, and exceeds 64 windows only with a single unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 200 }), (units, windows) => {
        const cut = sizes(units, windows);
        let sum = 0;
        const ends = cut.map((size) => (sum += size));
        expect(ends.at(-1)).toBe(units);
        expect(ends).toEqual(expect.arrayContaining([16, 32, 64, 128].filter((look) => look < units)));
        for (const size of cut) expect(size === 1 || (size > 1 && size * windows <= 64)).toBe(true);
      }),
    );
  });
});
