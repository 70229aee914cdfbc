import { Postings } from "./postings.ts";
import { Rows } from "./rows.ts";

/** 32-bit words of a key. */
const width = 4;

/** The keys of documents (`documentKey`): 16 bytes each and 12 to find them by, where a Set of strings takes a hundred. */
export class DocumentKeys {
  readonly #keys = new Rows(width);
  readonly #byWord = new Postings();
  readonly #key = new Uint32Array(width);

  /** False when the key is there already. */
  add(key: string): boolean {
    const words = this.#key;
    for (let at = 0; at < width; at += 1) words[at] = wordAt(key, 4 * at);
    const first = words[0] ?? 0;
    const slot = this.#byWord.find(first);
    const count = slot < 0 ? 0 : this.#byWord.count(slot);
    for (let index = 0; index < count; index += 1) if (this.#isAt(this.#byWord.id(slot, index))) return false;
    this.#byWord.add(first, this.#keys.push(words));
    return true;
  }

  #isAt(row: number): boolean {
    const [block, start] = [this.#keys.block(row), this.#keys.start(row)];
    return this.#key.every((word, at) => word === block[start + at]);
  }
}

/** Four characters of a byte each. */
const wordAt = (key: string, at: number): number =>
  key.charCodeAt(at) | (key.charCodeAt(at + 1) << 8) | (key.charCodeAt(at + 2) << 16) | (key.charCodeAt(at + 3) << 24);
