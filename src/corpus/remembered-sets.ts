import type { Shingles } from "./shingles.ts";

/** A set of shingles, in no order: `size` of them from `from` on in both arrays. */
export interface ShingleSet {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly from: number;
  readonly size: number;
}

/** Shingles that are held: 32 MiB. */
const capacity = 4 * 1024 * 1024;

/** A larger set would push out too many others. */
const largest = capacity / 8;

/**
 * The shingle sets that were made last, in a ring that overwrites the oldest; what is made again is new again. (A Map of
 * arrays was rejected: a set is noted for every document, and most are never looked at.)
 */
export class RememberedSets {
  readonly #high = new Uint32Array(capacity);
  readonly #low = new Uint32Array(capacity);
  /** Shingles written so far, and what was skipped at the end of the ring. */
  #written = 0;
  /** By id: `#written` + 1 when the set was noted. */
  #noted = new Float64Array(1024);
  readonly #sizeOf: (id: number) => number;

  /** @param sizeOf how large a set that was noted is */
  constructor(sizeOf: (id: number) => number) {
    this.#sizeOf = sizeOf;
  }

  get(id: number): ShingleSet | undefined {
    const start = (this.#noted[id] ?? 0) - 1;
    if (start < 0 || this.#written - start > capacity) return undefined;
    return { high: this.#high, low: this.#low, from: start % capacity, size: this.#sizeOf(id) };
  }

  /** @param shingles whose set is whole */
  note(id: number, shingles: Shingles): ShingleSet {
    const { size } = shingles;
    if (size > largest) return copy(shingles, new Uint32Array(size), new Uint32Array(size), 0);
    const left = capacity - (this.#written % capacity);
    if (left < size) this.#written += left;
    const from = this.#written % capacity;
    this.#reserve(id);
    this.#noted[id] = this.#written + 1;
    this.#written += size;
    return copy(shingles, this.#high, this.#low, from);
  }

  #reserve(id: number): void {
    if (id < this.#noted.length) return;
    const larger = new Float64Array(Math.max(id + 1, Math.ceil(1.5 * this.#noted.length)));
    larger.set(this.#noted);
    this.#noted = larger;
  }
}

const copy = (shingles: Shingles, high: Uint32Array, low: Uint32Array, from: number): ShingleSet => {
  const { places, size } = shingles;
  for (let index = 0; index < size; index += 1) {
    const place = places[index] ?? 0;
    high[from + index] = shingles.high[place] ?? 0;
    low[from + index] = shingles.low[place] ?? 0;
  }
  return { high, low, from, size };
};
