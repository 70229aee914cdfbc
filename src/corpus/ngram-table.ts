import { grown } from "./grown.ts";

/**
 * Numbers for 64-bit keys, 0 for the first one that was added and so on. A bitmap in front, sixteen times as many bits as
 * keys or more, answers nearly all look-ups of keys that are not there, and stays in the processor's cache.
 */
export class NgramTable {
  #a = new Uint32Array(1024);
  #b = new Uint32Array(1024);
  #count = 0;
  /** Numbers + 1, open addressing; a power of two of slots, and at most half of them taken. */
  #slots = new Uint32Array(2048);
  /** Eight bits a slot. */
  #bitmap = new Uint32Array(512);

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#a.byteLength + this.#b.byteLength + this.#slots.byteLength + this.#bitmap.byteLength;
  }

  /** The key's number, or -1. */
  find(a: number, b: number): number {
    // Slots go by the one half of the key and bits by the other: what falls on a full slot misses the bit all the same.
    const bit = b & (32 * this.#bitmap.length - 1);
    if (((this.#bitmap[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return -1;
    return (this.#slots[this.#slotOf(a, b)] ?? 0) - 1;
  }

  /** The key's number, a new one if it has none. */
  add(a: number, b: number): number {
    const slot = this.#slotOf(a, b);
    const known = (this.#slots[slot] ?? 0) - 1;
    if (known >= 0) return known;
    const number = this.#count;
    this.#a = grown(this.#a, number + 1);
    this.#b = grown(this.#b, number + 1);
    this.#a[number] = a;
    this.#b[number] = b;
    this.#count += 1;
    if (2 * this.#count > this.#slots.length) this.#grow();
    else this.#enter(slot, number);
    return number;
  }

  #slotOf(a: number, b: number): number {
    const mask = this.#slots.length - 1;
    let slot = a & mask;
    for (;;) {
      const number = (this.#slots[slot] ?? 0) - 1;
      if (number < 0 || (this.#a[number] === a && this.#b[number] === b)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #enter(slot: number, number: number): void {
    this.#slots[slot] = number + 1;
    const bit = (this.#b[number] ?? 0) & (32 * this.#bitmap.length - 1);
    this.#bitmap[bit >>> 5] = (this.#bitmap[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }

  #grow(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    this.#bitmap = new Uint32Array(2 * this.#bitmap.length);
    for (let number = 0; number < this.#count; number += 1) {
      this.#enter(this.#slotOf(this.#a[number] ?? 0, this.#b[number] ?? 0), number);
    }
  }
}
