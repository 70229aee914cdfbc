import { BucketWalk, type Question } from "./bucket-walk.ts";
import { Components } from "./components.ts";
import { grown } from "./grown.ts";
import { fewestLong, LongDocuments } from "./long-documents.ts";
import { mostId } from "./postings.ts";
import { RememberedSets, type ShingleSet } from "./remembered-sets.ts";
import { Shingles } from "./shingles.ts";
import { mostShort, ShortDocuments } from "./short-documents.ts";
import { leastShared } from "./threshold.ts";
import type { Words } from "./words.ts";

/** What `add` found. */
export interface Neighbours {
  /**
   * Earlier documents whose exact Jaccard similarity with this one reaches the threshold; not all of them, but enough to
   * connect everything that they connect.
   */
  readonly near: readonly Neighbour[];
}

export interface Neighbour {
  readonly id: number;
  readonly jaccard: number;
}

export interface SimilarityOptions {
  /** Of Jaccard similarity. Everything here is made for this one. */
  readonly threshold: 0.8;
  /** The words of an earlier document once more, for the exact check; the next call may overwrite them. */
  readonly wordsOf: (id: number) => Words;
}

/**
 * Near duplicates among documents that come one after another: those whose sets of shingles (`shingleLength` words)
 * have a Jaccard similarity of 0.8 or more, directly or through others. Every reported pair was checked exactly, up to
 * equal 64-bit hashes of different shingles.
 *
 * Two ways lead to candidates. Sets of up to `mostShort` shingles go the short way, which misses nothing; documents of
 * `fewestLong` or more go the long way, which misses one pair in 14,000 at 0.8 and fewer above. Every similar pair goes
 * one way together: if the larger set has up to `mostShort`, so has the smaller one; if it has more, the smaller one has
 * at least four fifths of that, which is `fewestLong`.
 *
 * The limits in `bucket-walk.ts` bound the work that hostile or very uniform texts can cause, at the price named there.
 * Memory is some 30 bytes a document, for a short one 64 and 12 for each fifth shingle, for a long one 550; a ring of
 * shingle sets of 32 MiB comes to that once.
 */
export class SimilarityIndex {
  readonly #wordsOf: (id: number) => Words;
  readonly #components = new Components();
  readonly #walk = new BucketWalk(this.#components);
  readonly #shingles = new Shingles();
  readonly #others = new Shingles();
  /** By id: different shingles, where they were counted; 0 elsewhere. */
  #sizes = new Uint32Array(1024);
  readonly #sizeOf = (id: number): number => this.#sizes[id] ?? 0;
  readonly #short = new ShortDocuments(this.#sizeOf);
  readonly #long = new LongDocuments();
  readonly #remembered = new RememberedSets(this.#sizeOf);

  constructor({ wordsOf }: SimilarityOptions) {
    this.#wordsOf = wordsOf;
  }

  /** Bytes of all tables, without the shingle sets that are remembered. */
  get bytes(): number {
    const { bytes } = this.#components;
    return bytes + this.#walk.bytes + this.#sizes.byteLength + this.#short.bytes + this.#long.bytes;
  }

  /**
   * Compares a document with all earlier ones, and keeps it for later ones.
   * @param id a small number that was not added before; tables grow with the largest
   */
  add(id: number, words: Words): Neighbours {
    if (!(id >= 0 && id <= mostId)) throw new Error(`Internal error: ${id} is no id of a document`);
    this.#components.reserve(id);
    this.#sizes = grown(this.#sizes, id + 1);
    this.#walk.begin(id);
    this.#shingles.read(words);
    const near: Neighbour[] = [];
    const isSimilar = (other: number): boolean => this.#check(id, other, near);
    const [short, long] = [this.#isShort(id), this.#shingles.count >= fewestLong];
    // The short way first: what it has refused need not be looked at again, while the long way may refuse wrongly.
    if (short) this.#goShort(id, isSimilar);
    if (long) this.#goLong(id, isSimilar);
    this.#store(id, short, long);
    return { near };
  }

  /** The smallest id of the documents that are connected with this one, itself included. */
  component(id: number): number {
    return this.#components.root(id);
  }

  #isShort(id: number): boolean {
    const size = this.#shingles.distinguish(mostShort);
    if (size === 0 || size > mostShort) return false;
    this.#sizes[id] = size;
    this.#remembered.note(id, this.#shingles);
    return true;
  }

  #goShort(id: number, isSimilar: Question["isSimilar"]): void {
    this.#short.read(this.#shingles);
    this.#walk.walk(id, this.#short, { mayBeSimilar: (other) => this.#short.mayBeSimilar(other), isSimilar });
  }

  #goLong(id: number, isSimilar: Question["isSimilar"]): void {
    this.#long.read(this.#shingles);
    this.#walk.walk(id, this.#long, { mayBeSimilar: (other) => this.#long.mayBeSimilar(other), isSimilar });
  }

  #store(id: number, short: boolean, long: boolean): void {
    if (short) {
      this.#short.store(id);
      this.#walk.store(id, this.#short);
    }
    if (long) {
      this.#long.store(id);
      this.#walk.store(id, this.#long);
    }
  }

  #check(id: number, other: number, near: Neighbour[]): boolean {
    const size = this.#shingles.distinguish();
    const set = this.#setOf(other);
    const shared = countShared(this.#shingles, set);
    if (shared === undefined) return false;
    near.push({ id: other, jaccard: shared / (size + set.size - shared) });
    this.#components.join(id, other);
    return true;
  }

  #setOf(id: number): ShingleSet {
    const known = this.#remembered.get(id);
    if (known !== undefined) return known;
    this.#others.read(this.#wordsOf(id));
    this.#sizes[id] = this.#others.distinguish();
    return this.#remembered.note(id, this.#others);
  }
}

/** Members that a whole set and another have in common, or nothing as soon as they are too few for the threshold. */
const countShared = (shingles: Shingles, { high, low, from, size }: ShingleSet): number | undefined => {
  const least = leastShared(shingles.size, size);
  if (least > Math.min(shingles.size, size)) return undefined;
  let missing = 0;
  for (let at = from; at < from + size; at += 1) {
    if (shingles.has(high[at] ?? 0, low[at] ?? 0)) continue;
    missing += 1;
    if (size - missing < least) return undefined;
  }
  return size - missing;
};
