import { factorA, mix } from "./mix.ts";

/**
 * One permutation hashing (Li, Owen, Zhang: One Permutation Hashing, NIPS 2012): shingles are dealt into bins, and of
 * each bin the smallest is kept. Two sets have the same smallest one in a bin with a probability of their Jaccard
 * similarity, if either has any.
 */
const fineBits = 9;
const fineBins = 2 ** fineBits;
/** Bins of the bands are this many fine ones together: fewer are empty, while the estimate has the many that it needs. */
const merged = 4;

/** Documents that agree in all the bins of some band are candidates. */
export const bands = 24;
export const rows = 5;

/** A stored signature, 32-bit words: four bits a bin, 0 for an empty one. */
export const signatureWidth = fineBins / 8;

/** No shingle; a shingle that is this number itself counts as none. */
const empty = 0xffffffff;

/**
 * The probability that two documents are candidates.
 * @param none part of the bins that are empty in both: they count as equal, and a band of nothing else is not used
 */
export const bandRecall = (jaccard: number, none = 0): number => {
  const band = (none + (1 - none) * jaccard) ** rows - none ** rows;
  return 1 - (1 - band) ** bands;
};

/** The signature of one document at a time. */
export class Signature {
  readonly #smallest = new Uint32Array(fineBins);
  readonly #coarse = new Uint32Array(fineBins / merged);
  readonly #packed = new Uint32Array(signatureWidth);
  readonly #bandKeys = new Uint32Array(bands);
  #bandCount = 0;

  /** As it is stored. */
  get packed(): Uint32Array {
    return this.#packed;
  }

  /** Keys of the bands, valid as far as `bandCount`; bands without any shingle have none. */
  get bandKeys(): Uint32Array {
    return this.#bandKeys;
  }

  get bandCount(): number {
    return this.#bandCount;
  }

  /** @param high, low hashes of shingles; repeated ones change nothing */
  read(high: Uint32Array, low: Uint32Array, count: number): void {
    const smallest = this.#smallest.fill(empty);
    for (let at = 0; at < count; at += 1) {
      const bin = (high[at] ?? 0) >>> (32 - fineBits);
      const value = low[at] ?? 0;
      if (value < (smallest[bin] ?? 0)) smallest[bin] = value;
    }
    this.#pack();
    this.#merge();
    this.#bandCount = 0;
    for (let band = 0; band < bands; band += 1) this.#addBand(band);
  }

  #pack(): void {
    for (let word = 0; word < signatureWidth; word += 1) {
      let packed = 0;
      for (let bin = 8 * word + 7; bin >= 8 * word; bin -= 1) {
        const value = this.#smallest[bin] ?? empty;
        // The remainder, because the high bits of small numbers are all zero.
        packed = (packed << 4) | (value === empty ? 0 : 1 + (value % 15));
      }
      this.#packed[word] = packed;
    }
  }

  #merge(): void {
    const smallest = this.#smallest;
    for (let bin = 0; bin < this.#coarse.length; bin += 1) {
      const fine = bin * merged;
      let value = smallest[fine] ?? empty;
      for (let at = fine + 1; at < fine + merged; at += 1) value = Math.min(value, smallest[at] ?? empty);
      this.#coarse[bin] = value;
    }
  }

  #addBand(band: number): void {
    let key = mix(band + 1);
    let filled = false;
    for (let bin = band * rows; bin < (band + 1) * rows; bin += 1) {
      const value = this.#coarse[bin] ?? empty;
      filled ||= value !== empty;
      key = Math.imul(key ^ value, factorA);
      key ^= key >>> 15;
    }
    if (!filled) return;
    this.#bandKeys[this.#bandCount] = mix(key);
    this.#bandCount += 1;
  }
}

/** Different shingles look alike in four bits as often as this. */
const chance = 1 / 15;

/** Standard deviations that an estimate must lie below what it would be at the threshold: one pair in three million. */
const margin = 5;

/** Words of a signature that are compared before the next look at the result: a quarter, which is enough in most cases. */
const part = signatureWidth / 4;

/**
 * Whether two signatures say that two documents cannot be expected to have this Jaccard similarity.
 * @param one, two blocks of memory in which the signatures start at `from` and `other`
 */
export const isFarBelow = (
  jaccard: number,
  one: Uint32Array,
  from: number,
  two: Uint32Array,
  other: number,
): boolean => {
  const expected = jaccard + (1 - jaccard) * chance;
  /** Bins that are not empty in both, and those of them that are not equal. */
  let filled = 0;
  let unequal = 0;
  for (let at = 0; at < signatureWidth; at += 1) {
    const a = one[from + at] ?? 0;
    const b = two[other + at] ?? 0;
    filled += countNibbles(a | b);
    unequal += countNibbles(a ^ b);
    if (at % part === part - 1 && isBelow(filled - unequal, filled, expected)) return true;
  }
  return false;
};

/** Whether too few of all are equal for each to be so with the expected probability. */
const isBelow = (equal: number, all: number, expected: number): boolean =>
  equal < all * expected - margin * Math.sqrt(all * expected * (1 - expected));

/** How many of eight groups of four bits are not zero. */
const countNibbles = (word: number): number => {
  const pairs = word | (word >>> 1);
  const flags = (pairs | (pairs >>> 2)) & 0x11111111;
  // The factor adds all eight up in the highest four bits; eight is the most there can be.
  return Math.imul(flags, 0x11111111) >>> 28;
};
