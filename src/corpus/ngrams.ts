import { boilerplateThreshold } from "./boilerplate.ts";
import { grown } from "./grown.ts";
import { factorA, factorB } from "./mix.ts";
import { NgramTable } from "./ngram-table.ts";
import { countWindows, hashWindows } from "./windows.ts";
import type { Words } from "./words.ts";

/** Words of an n-gram by which texts count as overlapping: as for GPT-3 (Brown et al. 2020, appendix C). */
export const ngramLength = 13;

/** N-grams of a text, repeated ones as often as they stand there. */
export const countNgrams = ({ count }: Words, length: number = ngramLength): number => countWindows(count, length);

export interface Overlap {
  /** By owner: how many different n-grams of it were found elsewhere, without boilerplate; owners with none are left out. */
  readonly hits: ReadonlyMap<number, number>;
  /** Different protected n-grams that are boilerplate. */
  readonly exempt: number;
}

/** A text that was protected; its n-grams start at `from`. */
interface Call {
  readonly owner: number;
  readonly from: number;
}

/**
 * Finds n-grams of protected texts in other documents. First everything is protected, then all documents of all sources
 * pass. An n-gram that many documents of one source have (a licence, a disclaimer, the words of a form) is boilerplate
 * and exempt, wherever it is found. Different n-grams count as one if 64 bits are equal; texts shorter than an n-gram have
 * none.
 *
 * A protected n-gram takes some 50 bytes, and 6 for each further owner.
 */
export class NgramIndex {
  readonly #length: number;
  readonly #table = new NgramTable();
  /** The n-grams of the text at hand. */
  #a = new Uint32Array(256);
  #b = new Uint32Array(256);
  /** The calls of `protect`, and their n-grams one call after another. */
  readonly #calls: Call[] = [];
  #noted = new Uint32Array(1024);
  #notedCount = 0;
  /** By n-gram: the last call that had it, the last document that passed with it, and the documents of this source. */
  #lastCall = new Uint32Array(512);
  #lastDocument = new Uint32Array(512);
  #documents = new Uint32Array(512);
  /** By n-gram: the first call that had it. */
  #firstCall = new Uint32Array(512);
  /** By n-gram: hit, exempt, several owners. */
  #marks = new Uint32Array(512);
  #passed = 0;
  /** Documents that make an n-gram boilerplate, while a source passes. */
  #enough: number | undefined;

  constructor(length: number = ngramLength) {
    this.#length = length;
  }

  /** Bytes of all tables. */
  get bytes(): number {
    const perNgram = [this.#firstCall, this.#lastCall, this.#lastDocument, this.#documents, this.#marks];
    return perNgram.reduce((sum, { byteLength }) => sum + byteLength, this.#table.bytes + this.#noted.byteLength);
  }

  /**
   * Text that must not be seen in calibration. What passed before is not looked at again.
   * @param owner any number, such as a document's; an owner may have several texts
   */
  protect(owner: number, words: Words): void {
    if (this.#enough !== undefined) throw new Error("Internal error: text protected while a source passes");
    const count = this.#read(words);
    this.#calls.push({ owner, from: this.#notedCount });
    for (let at = 0; at < count; at += 1) this.#note(this.#table.add(this.#a[at] ?? 0, this.#b[at] ?? 0));
  }

  /** @param documents how many of this source will pass */
  beginSource(documents: number): void {
    if (this.#enough !== undefined) throw new Error("Internal error: a source begins while another passes");
    this.#enough = boilerplateThreshold(documents);
  }

  /**
   * One document of the source. It counts for boilerplate; what it has of a protected text is a hit.
   * @param own the document's own number as an owner if it is protected itself: finding its own text is no hit
   * @param calibrates false for a document that is no calibration text: what it has is no hit at all
   */
  pass(words: Words, own?: number, calibrates: boolean = own === undefined): void {
    if (this.#enough === undefined) throw new Error("Internal error: a document passes outside of a source");
    const count = this.#read(words);
    const mark = calibrates ? hit : 0;
    this.#passed += 1;
    for (let at = 0; at < count; at += 1) {
      const ngram = this.#table.find(this.#a[at] ?? 0, this.#b[at] ?? 0);
      if (ngram >= 0) this.#meet(ngram, this.#isOnly(ngram, own) ? 0 : mark);
    }
  }

  endSource(): void {
    const enough = this.#enough;
    if (enough === undefined) throw new Error("Internal error: a source ends that did not begin");
    for (let ngram = 0; ngram < this.#table.count; ngram += 1) {
      if ((this.#documents[ngram] ?? 0) >= enough) this.#mark(ngram, exempt);
    }
    this.#documents.fill(0);
    this.#enough = undefined;
  }

  /** Of all sources so far. */
  result(): Overlap {
    const hits = new Map<number, number>();
    /** By n-gram: the last owner it was counted for, because owners with several texts may have it in each. */
    const counted = new Float64Array(this.#table.count).fill(Number.NaN);
    for (const [index, { owner }] of this.#byOwner()) {
      const count = this.#countHits(index, owner, counted);
      if (count > 0) hits.set(owner, (hits.get(owner) ?? 0) + count);
    }
    return { hits, exempt: this.#countExempt() };
  }

  #read({ a, b, count }: Words): number {
    const windows = countWindows(count, this.#length);
    this.#a = grown(this.#a, windows);
    this.#b = grown(this.#b, windows);
    hashWindows(a, count, this.#length, factorA, this.#a);
    hashWindows(b, count, this.#length, factorB, this.#b);
    return windows;
  }

  /** An n-gram of the last call's text, once. */
  #note(ngram: number): void {
    this.#reserve(ngram + 1);
    const call = this.#calls.length;
    if (this.#lastCall[ngram] === call) return;
    if (this.#lastCall[ngram] === 0) this.#firstCall[ngram] = call;
    else if (this.#firstOwner(ngram) !== this.#calls.at(-1)?.owner) this.#mark(ngram, several);
    this.#lastCall[ngram] = call;
    this.#noted = grown(this.#noted, this.#notedCount + 1);
    this.#noted[this.#notedCount] = ngram;
    this.#notedCount += 1;
  }

  #firstOwner(ngram: number): number | undefined {
    return this.#calls[(this.#firstCall[ngram] ?? 0) - 1]?.owner;
  }

  /** Whether an n-gram is protected for this owner alone. */
  #isOnly(ngram: number, owner: number | undefined): boolean {
    return owner !== undefined && this.#firstOwner(ngram) === owner && ((this.#marks[ngram] ?? 0) & several) === 0;
  }

  #meet(ngram: number, mark: number): void {
    if (this.#lastDocument[ngram] === this.#passed) return;
    this.#lastDocument[ngram] = this.#passed;
    this.#documents[ngram] = (this.#documents[ngram] ?? 0) + 1;
    this.#mark(ngram, mark);
  }

  #mark(ngram: number, mark: number): void {
    this.#marks[ngram] = (this.#marks[ngram] ?? 0) | mark;
  }

  #reserve(ngrams: number): void {
    if (ngrams <= this.#marks.length) return;
    this.#lastCall = grown(this.#lastCall, ngrams);
    this.#lastDocument = grown(this.#lastDocument, ngrams);
    this.#documents = grown(this.#documents, ngrams);
    this.#firstCall = grown(this.#firstCall, ngrams);
    this.#marks = grown(this.#marks, ngrams);
  }

  /** Calls with their numbers, those of one owner together. */
  #byOwner(): [number, Call][] {
    return [...this.#calls.entries()].sort(([, one], [, two]) => one.owner - two.owner);
  }

  /** Hits of a call's n-grams that were not counted for its owner yet. */
  #countHits(call: number, owner: number, counted: Float64Array): number {
    const { from } = this.#calls[call] ?? { from: 0 };
    const to = this.#calls[call + 1]?.from ?? this.#notedCount;
    let count = 0;
    for (const ngram of this.#noted.subarray(from, to)) {
      if (((this.#marks[ngram] ?? 0) & (hit | exempt)) !== hit || counted[ngram] === owner) continue;
      counted[ngram] = owner;
      count += 1;
    }
    return count;
  }

  #countExempt(): number {
    let count = 0;
    for (let ngram = 0; ngram < this.#table.count; ngram += 1)
      count += ((this.#marks[ngram] ?? 0) & exempt) === 0 ? 0 : 1;
    return count;
  }
}

const hit = 1;
const exempt = 2;
const several = 4;
