import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SimilarityIndex, type Neighbour } from "../../src/corpus/similar.ts";
import { WordReader } from "../../src/corpus/words.ts";
import { allPairs, pairKey, smallestConnected } from "./brute-force.ts";
import { chance, planted } from "./planted.ts";

interface Found {
  readonly near: readonly (readonly Neighbour[])[];
  readonly components: readonly number[];
  readonly bytes: number;
  /** How often earlier documents were read again. */
  readonly reads: number;
}

/** Adds all texts in order; the index reads earlier ones into the same buffers that the new one's words are in. */
const findSimilar = (texts: readonly string[]): Found => {
  const reader = new WordReader();
  let reads = 0;
  const index = new SimilarityIndex({
    threshold: 0.8,
    wordsOf: (id) => {
      reads += 1;
      return reader.read(texts[id]!);
    },
  });
  const near = texts.map((text, id) => index.add(id, reader.read(text)).near);
  return { near, components: texts.map((_, id) => index.component(id)), bytes: index.bytes, reads };
};

describe("SimilarityIndex", () => {
  test.each([
    { seed: 1, documents: 2500 },
    { seed: 2, documents: 2500, vocabulary: 300 },
    { seed: 3, documents: 2500, shortest: 3, longest: 40, vocabulary: 2000 },
    { seed: 4, documents: 2500, shortest: 120, longest: 500 },
    { seed: 5, documents: 2000, shortest: 190, longest: 330, derived: 0.8 },
  ])("finds the components that brute force finds: $seed", (options) => {
    const texts = planted(options).map(({ text }) => text);
    const pairs = allPairs(texts);
    const { near, components } = findSimilar(texts);
    expect(components).toEqual(smallestConnected(texts.length, pairs));
    const reported = near.flatMap((neighbours, later) => neighbours.map((neighbour) => ({ ...neighbour, later })));
    for (const { id, later, jaccard } of reported) {
      expect(jaccard).toBeGreaterThanOrEqual(0.8);
      expect(Math.abs(jaccard - pairs.get(pairKey(id, later))!)).toBeLessThan(1e-12);
    }
    // The corpus is one that can show a mistake: many pairs just above and just below the threshold.
    const close = [...pairs.values()].filter((jaccard) => Math.abs(jaccard - 0.8) < 0.05);
    expect(close.filter((jaccard) => jaccard >= 0.8).length).toBeGreaterThan(10);
    expect(close.filter((jaccard) => jaccard < 0.8).length).toBeGreaterThan(10);
    expect(reported.length).toBeGreaterThan(300);
  });

  test("counts four fifths as similar, and a hair less not", () => {
    const words = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, at) => `w${from + at}`).join(" ");
    // n shingles are n + 4 words; the second text is the first part of the first.
    for (const n of [5, 10, 100, 200, 205, 255, 256, 257, 320, 500, 5000]) {
      const least = Math.ceil((4 * n) / 5);
      const near = findSimilar([words(0, n + 4), words(0, least + 4)]).near[1]!;
      expect(near).toEqual([{ id: 0, jaccard: least / n }]);
      expect(findSimilar([words(0, n + 4), words(0, least + 3)]).near[1]).toEqual([]);
    }
  });

  test("compares documents of fewer words than a shingle by all their words", () => {
    const texts = ["one", "One!", "one two", "one two three four", "(one) two, three: four", "one two three four five"];
    expect(findSimilar(texts).components).toEqual([0, 0, 2, 3, 3, 5]);
  });

  test("does not connect documents without words", () => {
    const { near, components } = findSimilar(["", "...", "", "word", ""]);
    expect(near.flat()).toEqual([]);
    expect(components).toEqual([0, 1, 2, 3, 4]);
  });

  test("finds a short document in a long one that repeats it", () => {
    const verse = Array.from({ length: 150 }, (_, at) => `v${at}`).join(" ");
    // 150 words repeated have 150 different shingles, of which the single verse lacks four.
    const texts = [verse, `${verse} `.repeat(300), `${verse} `.repeat(2)];
    expect(findSimilar(texts).near[1]).toEqual([{ id: 0, jaccard: 146 / 150 }]);
    expect(findSimilar(texts.toReversed()).components).toEqual([0, 0, 0]);
  });

  test("takes ids in any order and with gaps", () => {
    const reader = new WordReader();
    const texts = new Map([
      [70_000, "a rose is a rose is a rose"],
      [3, "something else altogether here, isn't it"],
      [500, "A rose is a rose is a rose."],
    ]);
    const index = new SimilarityIndex({ threshold: 0.8, wordsOf: (id) => reader.read(texts.get(id)!) });
    const near = [...texts].map(([id, text]) => index.add(id, reader.read(text)).near);
    expect(near).toEqual([[], [], [{ id: 70_000, jaccard: 1 }]]);
    expect([70_000, 3, 500].map((id) => index.component(id))).toEqual([500, 3, 500]);
    expect(() => index.add(-1, reader.read("x"))).toThrow("Internal error");
    expect(() => index.add(2 ** 31, reader.read("x"))).toThrow("Internal error");
  });

  test("gives the same for the same order", () => {
    const texts = planted({ seed: 6, documents: 600 }).map(({ text }) => text);
    expect(findSimilar(texts)).toEqual(findSimilar(texts));
  });

  test("has the components that brute force has, whatever small texts it gets", () => {
    const word = fc.constantFrom("a", "b", "c");
    const text = fc.array(word, { maxLength: 14 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), (texts) => {
        expect(findSimilar(texts).components).toEqual(smallestConnected(texts.length, allPairs(texts)));
      }),
      { numRuns: 300 },
    );
  });
});

describe("SimilarityIndex, with uniform texts", () => {
  const randomWords = (count: number, random: () => number): string[] =>
    Array.from({ length: count }, () => `w${Math.floor(random() * 1e9)}`);

  /** Documents of `count` shingles of which three quarters are the same in all: a similarity of 0.6. */
  const halfAlike = (documents: number, count: number): string[] => {
    const random = chance(9);
    const shared = randomWords(Math.round(count * 0.75), random).join(" ");
    return Array.from(
      { length: documents },
      () => `${shared} ${randomWords(Math.round(count * 0.25), random).join(" ")}`,
    );
  };

  test("connects thousands of copies, and looks at one", () => {
    for (const length of [30, 200, 1000]) {
      const text = randomWords(length, chance(length)).join(" ");
      const { near, components } = findSimilar(Array.from({ length: 1500 }, () => text));
      expect(near.slice(1).every((neighbours) => neighbours.length === 1)).toBe(true);
      expect(new Set(components)).toEqual(new Set([0]));
    }
  });

  test("keeps thousands of documents apart that are half alike", () => {
    for (const length of [100, 230, 600]) {
      const { near } = findSimilar(halfAlike(1000, length));
      expect(near.flat()).toEqual([]);
    }
  });

  test("still finds the copies among them", () => {
    const texts = halfAlike(2000, 120);
    const { near } = findSimilar([...texts, ...texts.slice(0, 200)]);
    expect(near.slice(2000)).toEqual(Array.from({ length: 200 }, (_, id) => [{ id, jaccard: 1 }]));
  });

  test("needs 600 bytes a document or less", () => {
    const texts = planted({ seed: 7, documents: 6000, shortest: 30, longest: 1500, derived: 0.1 }).map(
      ({ text }) => text,
    );
    expect(findSimilar(texts).bytes / texts.length).toBeLessThan(600);
  });
});
