import { isAscii } from "node:buffer";
import { hash } from "node:crypto";
import { characterTable, Kind, kindIn, space } from "./characters.ts";
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
  readonly #ascii = asciiTable();
  #a = new Uint32Array(256);
  #b = new Uint32Array(256);
  #count = 0;

  read(text: string): Words {
    this.#count = 0;
    for (let from = 0; from < text.length;) {
      const end = blockEnd(text, from);
      this.#readFolded(text, from, end);
      from = end;
    }
    return { a: this.#a, b: this.#b, count: this.#count };
  }

  /**
   * The same of UTF-8, and faster: a text that has characters beyond ASCII has them in few of its blocks, and all
   * others are read as they lie there, without a string.
   */
  readBytes(text: Buffer): Words {
    this.#count = 0;
    for (let from = 0; from < text.length;) {
      const end = byteBlockEnd(text, from);
      const block = text.subarray(from, end);
      if (isAscii(block)) this.#hashAscii(block);
      else this.#readFolded(block.toString("utf8"));
      from = end;
    }
    return { a: this.#a, b: this.#b, count: this.#count };
  }

  #readFolded(text: string, from?: number, to?: number): void {
    this.#folded.read(text, from, to);
    this.#hash(this.#folded.units, this.#folded.length);
  }

  /** Folding and hashing in one go, in which what `#hash` says of branches holds too. */
  #hashAscii(text: Uint8Array): void {
    // Every second byte may be a word, and behind the last one a place is written to that counts for nothing.
    this.#reserve((text.length >>> 1) + 2);
    const [wordsA, wordsB, ascii] = [this.#a, this.#b, this.#ascii];
    let count = this.#count;
    let a = 0;
    let b = 0;
    /** 1 behind a letter. */
    let open = 0;
    for (let at = 0; at < text.length; at += 1) {
      const unit = ascii[text[at] ?? 0] ?? 0;
      // All ones for a letter, zero for a separator.
      const inside = -unit >> 31;
      wordsA[count] = a;
      wordsB[count] = b;
      count += open & ~inside;
      a = Math.imul(a ^ unit, factorA) & inside;
      b = Math.imul((b + unit) | 0, factorB) & inside;
      open = inside & 1;
    }
    wordsA[count] = a;
    wordsB[count] = b;
    this.#end(count + open);
  }

  /** Without a branch at the end of a word, which the processor guesses wrong and which doubled the time. */
  #hash(units: Uint16Array, length: number): void {
    // A word takes two units at least, with the space behind it.
    this.#reserve((length >>> 1) + 1);
    const [wordsA, wordsB] = [this.#a, this.#b];
    let count = this.#count;
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
    this.#end(count);
  }

  #end(count: number): void {
    mixAll(this.#a, this.#count, count);
    mixAll(this.#b, this.#count, count);
    this.#count = count;
  }

  #reserve(words: number): void {
    this.#a = grown(this.#a, this.#count + words);
    this.#b = grown(this.#b, this.#count + words);
  }
}

/** For each byte of ASCII the folded letter, 0 for a separator: there are no other kinds. */
const asciiTable = (): Uint8Array =>
  Uint8Array.from(characterTable().subarray(0, 128), (entry) => (kindIn(entry) === Kind.letter ? entry & 0xffff : 0));

/** Bytes of a block: small, so that one character beyond ASCII makes no long stretch slow. */
const byteBlock = 1024;

/** Where the block of UTF-8 that starts at `from` ends: behind a space, so that neither a word nor a character is cut. */
const byteBlockEnd = (text: Buffer, from: number): number => {
  const most = from + byteBlock;
  if (most >= text.length) return text.length;
  const before = text.lastIndexOf(space, most);
  const end = before > from ? before : text.indexOf(space, most);
  return end === -1 ? text.length : end + 1;
};

const mixAll = (hashes: Uint32Array, from: number, to: number): void => {
  for (let at = from; at < to; at += 1) hashes[at] = mix(hashes[at] ?? 0);
};

/**
 * The same for all texts of the same words: 128 bits of SHA-256 over the hashes of the words, which are at hand anyway
 * (over the words themselves it took as long as reading them). Who makes hashes collide on purpose has a text of his own
 * taken for a copy, and no more. Texts without any word are told apart by their bytes.
 */
export const documentKey = ({ a, b, count }: Words, text: Uint8Array): string => {
  if (count === 0) return keyOf(Buffer.concat([Buffer.alloc(4), text]));
  keyed = grown(keyed, 2 * count + 1);
  keyed[0] = count;
  keyed.set(a.subarray(0, count), 1);
  keyed.set(b.subarray(0, count), count + 1);
  return keyOf(keyed.subarray(0, 2 * count + 1));
};

/** Room for the number of a document's words and for their hashes. */
let keyed = new Uint32Array(1024);

/** In one go: what `createHash` gives is memory beside V8's heap, which a rare collection of that heap lets pile up. */
const keyOf = (bytes: Uint8Array | Uint32Array): string => hash("sha256", bytes, "buffer").toString("latin1", 0, 16);
