import type { Components } from "./components.ts";
import { grown } from "./grown.ts";
import type { Postings } from "./postings.ts";

/** What the walk asks about an earlier document: whether it may be similar, and then whether it is. */
export interface Question {
  readonly mayBeSimilar: (id: number) => boolean;
  readonly isSimilar: (id: number) => boolean;
}

/** Where a way of finding similar documents has them: under the first `keyCount` of the keys. */
export interface Buckets {
  readonly postings: Postings;
  readonly keys: Uint32Array;
  readonly keyCount: number;
}

/**
 * Steps of the walks for one document at most, less than a millisecond. Only families of thousands of documents that are half
 * alike, such as one form filled in by many, come so far. What they share lies in the fullest buckets, which are looked
 * at last; what two of them share beyond that lies in the others.
 */
const mostSteps = 2 ** 16;

/** Steps that a look at a document's size and parity or signature takes. */
const stepsOfLook = 20;

/** Exact checks for one document that find no similarity, at most. */
const mostFailures = 256;

/** Members of one component that a bucket keeps. One that comes later must be found through these, or in another bucket. */
const mostOfComponent = 64;

/** Ids of a bucket that are looked through for members of a component: the last ones. */
const mostCounted = 4096;

/** Goes through the documents that share a bucket with a new one, each once, those it is connected with left out. */
export class BucketWalk {
  readonly #components: Components;
  /** By id: the last walk that met it. */
  #met = new Uint32Array(1024);
  #walk = 0;
  #steps = 0;
  #failures = 0;

  constructor(components: Components) {
    this.#components = components;
  }

  get bytes(): number {
    return this.#met.byteLength;
  }

  /** Begins the walks for a new document. */
  begin(id: number): void {
    this.#met = grown(this.#met, id + 1);
    this.#walk += 1;
    this.#steps = 0;
    this.#failures = 0;
  }

  /** Fullest buckets last. */
  walk(id: number, buckets: Buckets, question: Question): void {
    const { postings } = buckets;
    const slots = findSlots(buckets).sort((one, two) => postings.count(one) - postings.count(two));
    for (const slot of slots) {
      for (let index = 0; index < postings.count(slot); index += 1) {
        if (this.#steps > mostSteps || this.#failures >= mostFailures) return;
        this.#steps += 1;
        this.#meet(id, postings.id(slot, index), question);
      }
    }
  }

  /** Puts a document into its buckets, after it was connected. */
  store(id: number, { postings, keys, keyCount }: Buckets): void {
    const crowd = this.#components.size(id) > mostOfComponent;
    for (let at = 0; at < keyCount; at += 1) {
      const key = keys[at] ?? 0;
      if (!crowd || !this.#isFull(postings, postings.find(key), id)) postings.add(key, id);
    }
  }

  #meet(id: number, other: number, { mayBeSimilar, isSimilar }: Question): void {
    if (this.#met[other] === this.#walk) return;
    this.#met[other] = this.#walk;
    if (this.#components.root(other) === this.#components.root(id)) return;
    this.#steps += stepsOfLook;
    if (mayBeSimilar(other) && !isSimilar(other)) this.#failures += 1;
  }

  #isFull(postings: Postings, slot: number, id: number): boolean {
    if (slot < 0) return false;
    const root = this.#components.root(id);
    const count = postings.count(slot);
    let members = 0;
    for (let index = Math.max(0, count - mostCounted); index < count && members < mostOfComponent; index += 1) {
      if (this.#components.root(postings.id(slot, index)) === root) members += 1;
    }
    return members >= mostOfComponent;
  }
}

const findSlots = ({ postings, keys, keyCount }: Buckets): number[] => {
  const slots: number[] = [];
  for (let at = 0; at < keyCount; at += 1) {
    const slot = postings.find(keys[at] ?? 0);
    if (slot >= 0) slots.push(slot);
  }
  return slots;
};
