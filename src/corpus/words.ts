import { createHash } from "node:crypto";
import { space } from "./characters.ts";
import { blockEnd, FoldedWords } from "./folded-words.ts";
import { grown } from "./grown.ts";
import { factorA, factorB, mix } from "./mix.ts";

/** The normalised words of a text, as two independent 32-bit hashes each. */
export interface Words {
  /** Valid as far as `count`, as `b` is. */
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly count: number;
}

/** Reads texts into words without allocating: what `read` returns is overwritten by the next `read`. */
export class WordReader {
  readonly #folded = new FoldedWords();
  #a = new Uint32Array(256);
  #b = new Uint32Array(256);
  #count = 0;

  read(text: string): Words {
    this.#count = 0;
    for (let from = 0; from < text.length;) {
      const end = blockEnd(text, from);
      this.#folded.read(text, from, end);
      this.#hash(this.#folded.units, this.#folded.length);
      from = end;
    }
    return { a: this.#a, b: this.#b, count: this.#count };
  }

  /** Without a branch at the end of a word, which the processor guesses wrong and which doubled the time. */
  #hash(units: Uint16Array, length: number): void {
    // A word takes two units at least, with the space behind it.
    this.#reserve((length >>> 1) + 1);
    const [wordsA, wordsB, first] = [this.#a, this.#b, this.#count];
    let count = first;
    let a = 0;
    let b = 0;
    for (let at = 0; at < length; at += 1) {
      const unit = units[at] ?? 0;
      // All ones inside a word; zero at the space behind it, as units of words are greater.
      const inside = (space - unit) >> 31;
      wordsA[count] = a;
      wordsB[count] = b;
      count += inside + 1;
      // One multiplies a difference and the other a sum, so that what is equal in one is not therefore equal in the other.
      a = Math.imul(a ^ unit, factorA) & inside;
      b = Math.imul((b + unit) | 0, factorB) & inside;
    }
    mixAll(wordsA, first, count);
    mixAll(wordsB, first, count);
    this.#count = count;
  }

  #reserve(words: number): void {
    this.#a = grown(this.#a, this.#count + words);
    this.#b = grown(this.#b, this.#count + words);
  }
}

const mixAll = (hashes: Uint32Array, from: number, to: number): void => {
  for (let at = from; at < to; at += 1) hashes[at] = mix(hashes[at] ?? 0);
};

/**
 * The same for all texts of the same words: 128 bits of SHA-256 over the hashes of the words, which are at hand anyway
 * (over the words themselves it took as long as reading them). Who makes hashes collide on purpose has a text of his own
 * taken for a copy, and no more. Texts without any word are told apart by their bytes.
 */
export const documentKey = ({ a, b, count }: Words, text: string): string => {
  const hash = createHash("sha256").update(Uint32Array.of(count));
  if (count === 0) hash.update(text, "utf16le");
  else hash.update(a.subarray(0, count)).update(b.subarray(0, count));
  return hash.digest().toString("latin1", 0, 16);
};
