import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interleave } from "../../src/corpus/interleave.ts";

const counts = fc.array(fc.nat(40), { minLength: 1, maxLength: 6 });
const many = (indices: readonly number[], index: number): number => indices.filter((each) => each === index).length;

describe("interleave", () => {
  test("gives each index as often as asked", () => {
    fc.assert(
      fc.property(counts, (asked) => {
        expect(asked.map((_, index) => many(interleave(asked), index))).toEqual(asked);
      }),
    );
  });

  test("has in every stretch from the start the mix of the whole, within two", () => {
    fc.assert(
      fc.property(counts, (asked) => {
        const spread = interleave(asked);
        for (let length = 1; length <= spread.length; length += 1)
          for (const [index, count] of asked.entries()) {
            const exact = (length * count) / spread.length;
            expect(Math.abs(many(spread.slice(0, length), index) - exact)).toBeLessThan(2);
          }
      }),
    );
  });

  test("lets equal counts take turns", () => {
    expect(interleave([2, 2, 2])).toEqual([0, 1, 2, 0, 1, 2]);
    expect(interleave([2, 1])).toEqual([0, 1, 0]);
    expect(interleave([0, 2])).toEqual([1, 1]);
    expect(interleave([0, 0])).toEqual([]);
    expect(interleave([])).toEqual([]);
  });
});
