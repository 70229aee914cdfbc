import { grown } from "./grown.ts";
import { differingBits, parityWidth, turnBit } from "./parity.ts";
import { Postings } from "./postings.ts";
import { Rows } from "./rows.ts";
import type { Shingles } from "./shingles.ts";
import { mayDiffer, prefixLength } from "./threshold.ts";

/** Shingles of a short document at most: this many have 52 keys in their prefix, where bands make do with 24. */
export const mostShort = 256;

/**
 * Finds similar short documents by their prefix: similar sets share one of their first members in the order of the
 * hashes (`prefixLength`), so nothing is missed. What the prefix finds, the parities and sizes sort out, again without a
 * miss.
 */
export class ShortDocuments {
  readonly postings = new Postings();
  readonly #parities = new Rows(parityWidth);
  readonly #parity = new Uint32Array(parityWidth);
  readonly #keys = new Uint32Array(mostShort);
  #keyCount = 0;
  #size = 0;
  /** By id: the row of its parity + 1. */
  #rows = new Uint32Array(1024);
  readonly #sizeOf: (id: number) => number;
  /** Members in each part of the hashes' range. */
  readonly #counts = new Uint32Array(parts);

  /** @param sizeOf how large the set of an earlier document is */
  constructor(sizeOf: (id: number) => number) {
    this.#sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.postings.bytes + this.#parities.bytes + this.#rows.byteLength;
  }

  get keys(): Uint32Array {
    return this.#keys;
  }

  get keyCount(): number {
    return this.#keyCount;
  }

  /** Takes the document that is asked for, and stored, next; its set is whole and no larger than `mostShort`. */
  read(shingles: Shingles): void {
    const { high, low, places, size } = shingles;
    const last = this.#lastPart(shingles);
    this.#parity.fill(0);
    this.#keyCount = 0;
    this.#size = size;
    for (let index = 0; index < size; index += 1) {
      const place = places[index] ?? 0;
      turnBit(this.#parity, low[place] ?? 0);
      if (partOf(high[place] ?? 0) <= last) this.#addKey(low[place] ?? 0);
    }
  }

  /** False only if the document that was read and this earlier one are not similar. */
  mayBeSimilar(id: number): boolean {
    const size = this.#sizeOf(id);
    if (!mayDiffer(Math.abs(size - this.#size), size, this.#size)) return false;
    const row = (this.#rows[id] ?? 0) - 1;
    if (row < 0) return true;
    const differing = differingBits(this.#parity, 0, this.#parities.block(row), this.#parities.start(row));
    return mayDiffer(differing, size, this.#size);
  }

  store(id: number): void {
    this.#rows = grown(this.#rows, id + 1);
    this.#rows[id] = this.#parities.push(this.#parity) + 1;
  }

  #addKey(key: number): void {
    this.#keys[this.#keyCount] = key;
    this.#keyCount += 1;
  }

  /**
   * The part of the hashes' range with which the prefix ends. It takes in what else is in that part, half a member on
   * average; sorting the hashes was rejected, for it took longer than all else that is done for a short document.
   */
  #lastPart({ high, places, size }: Shingles): number {
    const counts = this.#counts.fill(0);
    for (let index = 0; index < size; index += 1) {
      const part = partOf(high[places[index] ?? 0] ?? 0);
      counts[part] = (counts[part] ?? 0) + 1;
    }
    let wanted = prefixLength(size);
    let part = 0;
    for (; part < parts; part += 1) {
      wanted -= counts[part] ?? 0;
      if (wanted <= 0) break;
    }
    return part;
  }
}

/** The first members of a set are found by dividing the range of the hashes into so many parts. */
const parts = 256;

const partOf = (hash: number): number => hash >>> 24;
