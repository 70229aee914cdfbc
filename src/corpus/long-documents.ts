import { grown } from "./grown.ts";
import { Postings } from "./postings.ts";
import { Rows } from "./rows.ts";
import type { Shingles } from "./shingles.ts";
import { mostShort } from "./short-documents.ts";
import { isFarBelow, Signature, signatureWidth } from "./signature.ts";
import { threshold } from "./threshold.ts";

/**
 * Shingles of a long document at least, repeated ones counted: four fifths of a short one's most, for a document with
 * more than `mostShort` may be similar to one that has so few.
 */
export const fewestLong = Math.ceil((4 * mostShort) / 5);

/** Finds similar long documents by the bands of their signatures, and sorts out what the signatures say is far from it. */
export class LongDocuments {
  readonly postings = new Postings();
  readonly #signature = new Signature();
  readonly #signatures = new Rows(signatureWidth);
  /** By id: the row of its signature + 1. */
  #rows = new Uint32Array(1024);

  get bytes(): number {
    return this.postings.bytes + this.#signatures.bytes + this.#rows.byteLength;
  }

  get keys(): Uint32Array {
    return this.#signature.bandKeys;
  }

  get keyCount(): number {
    return this.#signature.bandCount;
  }

  /** Takes the document that is asked for, and stored, next. */
  read({ high, low, count }: Shingles): void {
    this.#signature.read(high, low, count);
  }

  /** False if the document that was read and this earlier one are, by all that can be expected, not similar. */
  mayBeSimilar(id: number): boolean {
    const row = (this.#rows[id] ?? 0) - 1;
    if (row < 0) return true;
    const [block, start] = [this.#signatures.block(row), this.#signatures.start(row)];
    return !isFarBelow(threshold, this.#signature.packed, 0, block, start);
  }

  store(id: number): void {
    this.#rows = grown(this.#rows, id + 1);
    this.#rows[id] = this.#signatures.push(this.#signature.packed) + 1;
  }
}
