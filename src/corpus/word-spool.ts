import { Column } from "./column.ts";
import { grown } from "./grown.ts";
import { Spool } from "./spool.ts";
import type { Words } from "./words.ts";

/**
 * The words of documents, as hashes on disk: they are needed more than once, and reading them takes a tenth of the time
 * of making them anew. Documents are numbered as they come.
 */
export class WordSpool {
  readonly #spool: Spool;
  /** By number: the byte at which the words begin; and behind the last one, where they end. */
  readonly #offsets = new Column(Float64Array);
  #a = new Uint32Array(1024);
  #b = new Uint32Array(1024);

  constructor(path: string) {
    this.#spool = new Spool(path);
    this.#offsets.push(0);
  }

  append({ a, b, count }: Words): void {
    const { offset, bytes } = this.#spool.appendBytes(bytesOf(a, count), bytesOf(b, count));
    this.#offsets.push(offset + bytes);
  }

  /** Overwritten by the next read. */
  read(number: number): Words {
    const offset = this.#offsets.at(number);
    const bytes = this.#spool.readBytes({ offset, bytes: this.#offsets.at(number + 1) - offset });
    const count = bytes.length / 8;
    this.#a = grown(this.#a, count);
    this.#b = grown(this.#b, count);
    bytesOf(this.#a, count).set(bytes.subarray(0, 4 * count));
    bytesOf(this.#b, count).set(bytes.subarray(4 * count));
    return { a: this.#a, b: this.#b, count };
  }

  [Symbol.dispose](): void {
    this.#spool[Symbol.dispose]();
  }
}

const bytesOf = ({ buffer, byteOffset }: Uint32Array, count: number): Uint8Array =>
  new Uint8Array(buffer, byteOffset, 4 * count);
