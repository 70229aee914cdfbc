import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differingBits, parityWidth, turnBit } from "../../src/corpus/parity.ts";
import { bandRecall, isFarBelow, Signature } from "../../src/corpus/signature.ts";
import { leastShared, mayDiffer, prefixLength } from "../../src/corpus/threshold.ts";
import { chance } from "./planted.ts";

type Hashes = readonly (readonly [number, number])[];

const randomHashes = (count: number, random: () => number): Hashes =>
  Array.from({ length: count }, () => [Math.floor(random() * 2 ** 32), Math.floor(random() * 2 ** 32)] as const);

/** Two sets of `size` members with about this similarity. */
const pairOf = (size: number, jaccard: number, random: () => number): [Hashes, Hashes] => {
  const shared = Math.round((2 * size * jaccard) / (1 + jaccard));
  const common = randomHashes(shared, random);
  const one = (): Hashes => [...common, ...randomHashes(size - shared, random)];
  return [one(), one()];
};

const signed = (hashes: Hashes): { packed: Uint32Array; keys: number[] } => {
  const signature = new Signature();
  const [high, low] = [0, 1].map((half) => Uint32Array.from(hashes, (hash) => hash[half] ?? 0));
  signature.read(high!, low!, hashes.length);
  return { packed: signature.packed.slice(), keys: [...signature.bandKeys.subarray(0, signature.bandCount)] };
};

describe("bandRecall", () => {
  test("is that of 24 bands of 5 rows", () => {
    expect(bandRecall(0.8)).toBeCloseTo(0.99993, 5);
    expect(bandRecall(0.9)).toBeGreaterThan(0.9999999);
    expect(bandRecall(0.5)).toBeCloseTo(0.533, 3);
    expect(bandRecall(0.1)).toBeLessThan(0.001);
    expect([bandRecall(0), bandRecall(1), bandRecall(0.8, 1)]).toEqual([0, 1, 0]);
  });

  test("is no less where bins are empty, as far as half of them", () => {
    for (const none of [0.05, 0.1, 0.2, 0.3, 0.4, 0.5]) expect(bandRecall(0.8, none)).toBeGreaterThan(bandRecall(0.8));
  });

  test.each([0.3, 0.5, 0.6, 0.7])("is what signatures have at %f", (jaccard) => {
    const random = chance(jaccard * 100);
    const trials = 500;
    let met = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const [one, two] = pairOf(1000, jaccard, random).map((hashes) => new Set(signed(hashes).keys));
      if ([...one!].some((key) => two!.has(key))) met += 1;
    }
    // Four standard deviations.
    const expected = bandRecall(jaccard);
    expect(Math.abs(met / trials - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / trials));
  });
});

describe("Signature", () => {
  test("is the same for repeated shingles in another order", () => {
    const hashes = randomHashes(300, chance(4));
    expect(signed([...hashes, ...hashes].toReversed())).toEqual(signed(hashes));
  });

  test("has no bands without shingles, and at most one with a single shingle", () => {
    expect(signed([])).toEqual({ packed: new Uint32Array(64), keys: [] });
    for (const hash of randomHashes(50, chance(5))) expect(signed([hash]).keys.length).toBeLessThanOrEqual(1);
  });

  /** In how many of a hundred pairs of random sets the signatures are far apart. */
  const farApart = (size: number, jaccard: number): number => {
    const random = chance(size);
    const pairs = Array.from({ length: 100 }, () =>
      pairOf(size, jaccard, random).map((hashes) => signed(hashes).packed),
    );
    return pairs.filter(([one, two]) => isFarBelow(0.8, one!, 0, two!, 0)).length;
  };

  test.each([205, 1000, 10_000])("refuses no similar documents of %d shingles", (size) => {
    expect(farApart(size, 0.8)).toBe(0);
  });

  test.each([
    [205, 0.3],
    [1000, 0.6],
    [10_000, 0.6],
  ])("refuses nearly all of %d shingles at %f", (size, jaccard) => {
    expect(farApart(size, jaccard)).toBeGreaterThanOrEqual(98);
  });
});

describe("parity", () => {
  const parityOf = (members: Iterable<number>): Uint32Array => {
    const parity = new Uint32Array(parityWidth);
    for (const member of members) turnBit(parity, member);
    return parity;
  };
  const sets = fc.uniqueArray(fc.nat(2000), { maxLength: 300 });

  test("differs in no more bits than sets do in members, and is even with that", () => {
    fc.assert(
      fc.property(sets, sets, (one, two) => {
        const [first, second] = [new Set(one), new Set(two)];
        const differing =
          one.filter((member) => !second.has(member)).length + two.filter((member) => !first.has(member)).length;
        const bits = differingBits(parityOf(one), 0, parityOf(two), 0);
        expect(bits).toBeLessThanOrEqual(differing);
        expect(bits % 2).toBe(differing % 2);
      }),
    );
  });

  test("differs in nearly as many for few members", () => {
    const random = chance(6);
    const [one, two] = pairOf(200, 0.8, random).map((hashes) => parityOf(hashes.map(([, low]) => low)));
    expect(differingBits(one!, 0, two!, 0)).toBeGreaterThan(30);
  });
});

describe("the threshold in whole numbers", () => {
  test("agrees with fractions", () => {
    const wrong: string[] = [];
    for (let n = 1; n <= 120; n += 1) {
      for (let m = 1; m <= n; m += 1) {
        for (let shared = 0; shared <= m; shared += 1) {
          const similar = 5 * shared >= 4 * (n + m - shared);
          const reckoned = [shared >= leastShared(n, m), mayDiffer(n + m - 2 * shared, n, m)];
          if (reckoned.some((each) => each !== similar)) wrong.push(`${n} ${m} ${shared}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test("gives prefixes that meet, in the worst case too", () => {
    for (let n = 1; n <= 2000; n += 1) {
      // The most members that may stand before the first common one, and that one.
      const least = Math.floor((4 * n + 4) / 5);
      expect(prefixLength(n)).toBe(n - least + 1);
    }
  });
});
