import { describe, expect, test } from "vitest";
import { RememberedSets, type ShingleSet } from "../../src/corpus/remembered-sets.ts";
import { Shingles } from "../../src/corpus/shingles.ts";
import { chance } from "./planted.ts";

/** Shingles of a document of different words that depend on the seed. */
const shinglesOf = (seed: number, words: number): Shingles => {
  const random = chance(seed);
  const [a, b] = [0, 1].map(() => Uint32Array.from({ length: words }, () => random() * 2 ** 32));
  const shingles = new Shingles();
  shingles.read({ a: a!, b: b!, count: words });
  shingles.distinguish();
  return shingles;
};

/** Whether a set is exactly the one of these shingles. */
const isSetOf = (set: ShingleSet | undefined, shingles: Shingles): boolean => {
  if (set === undefined || set.size !== shingles.size) return false;
  for (let at = set.from; at < set.from + set.size; at += 1) {
    if (!shingles.has(set.high[at]!, set.low[at]!)) return false;
  }
  return true;
};

describe("RememberedSets", () => {
  test("has the last sets whole, and forgets those that were overwritten", () => {
    const shingles = [100_000, 300_000, 450_000].map((words, seed) => shinglesOf(seed, words));
    const of = (id: number): Shingles => shingles[id % 3]!;
    const sets = new RememberedSets((id) => of(id).size);
    for (let id = 0; id < 30; id += 1) {
      expect(isSetOf(sets.note(id, of(id)), of(id))).toBe(true);
      // Four million are held, and what is skipped at the end of the ring is less than one set.
      const known = Array.from({ length: id + 1 }, (_, earlier) => sets.get(earlier) !== undefined);
      expect(known.slice(-12)).not.toContain(false);
      expect(known.slice(0, -18)).not.toContain(true);
    }
    const held = Array.from({ length: 30 }, (_, id) => id).filter((id) => sets.get(id) !== undefined);
    expect(held.every((id) => isSetOf(sets.get(id), of(id)))).toBe(true);
  });

  test("gives out a set that is too large, but does not keep it", () => {
    const large = shinglesOf(1, 600_000);
    const sets = new RememberedSets(() => large.size);
    expect(isSetOf(sets.note(5, large), large)).toBe(true);
    expect(sets.get(5)).toBeUndefined();
    expect(sets.get(70_000)).toBeUndefined();
  });
});

describe("Shingles", () => {
  test("are a set in the order of the text, made bit by bit", () => {
    const shingles = new Shingles();
    const words = Uint32Array.from({ length: 200 }, (_, at) => (at % 60) * 0x0123_4567);
    shingles.read({ a: words, b: words, count: 200 });
    expect(shingles.count).toBe(196);
    expect(shingles.distinguish(10)).toBe(11);
    expect(shingles.distinguish(10)).toBe(11);
    expect(shingles.distinguish()).toBe(60);
    expect([...shingles.places.subarray(0, 60)]).toEqual(Array.from({ length: 60 }, (_, at) => at));
    shingles.read({ a: words, b: words, count: 4 });
    expect([shingles.count, shingles.distinguish()]).toEqual([1, 1]);
  });
});
