import { setFlagsFromString } from "node:v8";

/**
 * Has V8 give memory back while something runs: pages that are nearly empty are compacted, also those that something
 * earlier left behind, such as the list of a hundred thousand files, and the old generation grows by little more than
 * what lives. Else V8 keeps its heap as large as it ever was. This is one of the few flags that V8 looks at again later;
 * at runtime it does not keep the young generation from growing, see `YoungGeneration`. A flag to compact at every
 * collection was rejected, for V8 gave nothing back with it. Of two at once, the first one that ends lets go for both,
 * which costs memory only.
 *
 * It costs a tenth of the time and more, so it is for corpora only whose documents need much memory by themselves.
 */
export class LeanHeap {
  readonly #on: boolean;

  /** @param bytes of the corpus, as far as they are known */
  constructor(bytes: number) {
    this.#on = bytes >= large;
    if (this.#on) setFlagsFromString("--optimize-for-size");
  }

  [Symbol.dispose](): void {
    if (this.#on) setFlagsFromString("--no-optimize-for-size");
  }
}

/** A corpus of this size, bytes, has so many documents that a heap as V8 likes it would be twice what they need. */
const large = 2 ** 29;
