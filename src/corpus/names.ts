import { hash } from "node:crypto";
import { Column } from "./column.ts";
import { Postings } from "./postings.ts";

/** Names in one block of memory, bytes; a longer name has a block of its own. */
const blockSize = 2 ** 16;

/**
 * Numbers for names, 0 for the first one that was added and so on. A name takes its characters and some 24 bytes, where a
 * string in a Map takes a hundred more, and is no work for V8's collector.
 */
export class Names {
  readonly #blocks = [Buffer.alloc(blockSize)];
  /** Bytes taken of the last block. */
  #filled = 0;
  /** By number: the block's number × `blockSize` and the place in it. */
  readonly #places = new Column(Float64Array);
  /** By number: bytes × 2, and 1 for UTF-16. */
  readonly #sizes = new Column(Uint32Array);
  readonly #byHash = new Postings();

  get count(): number {
    return this.#places.length;
  }

  /** The name's number, a new one if it has none. */
  add(name: string): number {
    const key = hashOf(name);
    const known = this.#find(key, name);
    if (known !== undefined) return known;
    const number = this.#write(name);
    this.#byHash.add(key, number);
    return number;
  }

  at(number: number): string {
    const [place, size] = [this.#places.at(number), this.#sizes.at(number)];
    const from = place % blockSize;
    const block = this.#blocks[Math.floor(place / blockSize)];
    if (block === undefined) throw new Error(`Internal error: no name ${number}`);
    return block.toString(encodingOf(size % 2 === 1), from, from + Math.floor(size / 2));
  }

  #find(key: number, name: string): number | undefined {
    const slot = this.#byHash.find(key);
    const count = slot < 0 ? 0 : this.#byHash.count(slot);
    for (let index = 0; index < count; index += 1) {
      const number = this.#byHash.id(slot, index);
      if (this.at(number) === name) return number;
    }
    return undefined;
  }

  /** Not in UTF-8, which has no place for half a character, as JSON can spell one in the name of a group. */
  #write(name: string): number {
    const isWide = /[^\0-\xff]/.test(name);
    const bytes = isWide ? 2 * name.length : name.length;
    // A place is never the end of a block, not even that of an empty name.
    if (this.#filled + bytes >= blockSize) {
      this.#blocks.push(Buffer.alloc(Math.max(blockSize, bytes)));
      this.#filled = 0;
    }
    this.#blocks.at(-1)?.write(name, this.#filled, encodingOf(isWide));
    const number = this.#places.push((this.#blocks.length - 1) * blockSize + this.#filled);
    this.#sizes.push(2 * bytes + (isWide ? 1 : 0));
    this.#filled += bytes;
    return number;
  }
}

const encodingOf = (isWide: boolean): "utf16le" | "latin1" => (isWide ? "utf16le" : "latin1");

/** Of a hash that nobody can make names meet in, as files of a hostile archive might. */
const hashOf = (name: string): number => hash("sha256", Buffer.from(name, "utf16le"), "buffer").readUInt32LE();
