import { Spool, type Stretch } from "./spool.ts";
import { grown } from "./grown.ts";
import type { Words } from "./words.ts";

/**
 * The words of documents, as hashes on disk: they are needed more than once, and reading them takes a tenth of the time
 * of making them anew.
 */
export class WordSpool {
  readonly #spool: Spool;
  #a = new Uint32Array(1024);
  #b = new Uint32Array(1024);

  constructor(path: string) {
    this.#spool = new Spool(path);
  }

  append({ a, b, count }: Words): Stretch {
    return this.#spool.appendBytes(bytesOf(a, count), bytesOf(b, count));
  }

  /** Overwritten by the next read. */
  read(stretch: Stretch): Words {
    const count = stretch.bytes / 8;
    const bytes = this.#spool.readBytes(stretch);
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
