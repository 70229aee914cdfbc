import { factorA, factorB, mix } from "./mix.ts";
import { hashWindows } from "./windows.ts";
import type { Words } from "./words.ts";

/** Consecutive words of a shingle. */
export const shingleLength = 5;

/**
 * The shingles of one document at a time, as two 32-bit hashes each: first as they stand in the text, then, as far as
 * asked for, as a set. Two different shingles count as one if 64 bits are equal.
 */
export class Shingles {
  #high = new Uint32Array(256);
  #low = new Uint32Array(256);
  #count = 0;
  /** The places of the first `#size` different shingles, in the order of the text. */
  #places = new Uint32Array(256);
  #size = 0;
  /** Shingles that have been looked at for the set. */
  #looked = 0;
  /** Places + 1 by hash, open addressing, a power of two of slots and at least twice as many as shingles. */
  #slots = new Uint32Array(1024);
  /** Small documents use, and clear, the front of a table that a large one made. */
  #mask = 0;

  /** Valid as far as `count`. */
  get high(): Uint32Array {
    return this.#high;
  }

  get low(): Uint32Array {
    return this.#low;
  }

  /** Shingles in the text, repeated ones as often as they stand there. */
  get count(): number {
    return this.#count;
  }

  /** Different shingles found so far: all, after `distinguish` without a limit. */
  get size(): number {
    return this.#size;
  }

  /** The places in `high` and `low` of the set's members; valid as far as `size`. */
  get places(): Uint32Array {
    return this.#places;
  }

  /** A text of fewer words than a shingle is one shingle, and no other text's; a text without words has none. */
  read(words: Words): void {
    this.#size = this.#looked = 0;
    this.#count = words.count === 0 ? 0 : Math.max(1, words.count - shingleLength + 1);
    this.#mask = 2 * powerAbove(this.#count) - 1;
    this.#reserve();
    if (words.count >= shingleLength) {
      hashWindows(words.a, words.count, shingleLength, factorA, this.#high);
      hashWindows(words.b, words.count, shingleLength, factorB, this.#low);
    } else if (words.count > 0) {
      this.#high[0] = hashFew(words.a, words.count, factorA);
      this.#low[0] = hashFew(words.b, words.count, factorB);
    }
  }

  /** Makes the set, but stops when it has more than `most` members; a later call goes on from there. */
  distinguish(most = Infinity): number {
    if (this.#looked === 0) this.#slots.fill(0, 0, this.#mask + 1);
    while (this.#looked < this.#count && this.#size <= most) {
      const at = this.#looked;
      this.#looked += 1;
      const slot = this.#slotOf(this.#high[at] ?? 0, this.#low[at] ?? 0);
      if (this.#slots[slot] !== 0) continue;
      this.#slots[slot] = at + 1;
      this.#places[this.#size] = at;
      this.#size += 1;
    }
    return this.#size;
  }

  /** Whether the set, which must be whole, holds a shingle. */
  has(high: number, low: number): boolean {
    return this.#slots[this.#slotOf(high, low)] !== 0;
  }

  /** The slot of a shingle, or the empty one where it belongs. */
  #slotOf(high: number, low: number): number {
    const slots = this.#slots;
    const highs = this.#high;
    const lows = this.#low;
    const mask = this.#mask;
    let slot = low & mask;
    for (;;) {
      const place = slots[slot] ?? 0;
      if (place === 0 || (highs[place - 1] === high && lows[place - 1] === low)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #reserve(): void {
    if (this.#count <= this.#high.length) return;
    const size = powerAbove(this.#count);
    this.#high = new Uint32Array(size);
    this.#low = new Uint32Array(size);
    this.#places = new Uint32Array(size);
    this.#slots = new Uint32Array(2 * size);
  }
}

/** The smallest power of two that is greater. */
const powerAbove = (count: number): number => 2 ** (32 - Math.clz32(count));

/** Fewer words than a shingle has; how many they are goes in too. */
const hashFew = (words: Uint32Array, count: number, factor: number): number => {
  let hash = count;
  for (let at = 0; at < count; at += 1) hash = (Math.imul(hash, factor) + (words[at] ?? 0)) | 0;
  return mix(hash);
};
