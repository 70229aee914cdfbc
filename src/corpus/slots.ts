/** A table is made a quarter larger when this part of it is taken. */
const fullest = 0.75;

/**
 * 32-bit key → 32-bit value other than 0, a key and its value side by side. Slots are in the order of their keys, so that
 * growing reads and writes memory from front to back.
 */
export class Slots {
  /** The key, and the value or 0 where the slot is free. */
  #pairs: Uint32Array<ArrayBuffer>;
  #taken = 0;

  /** @param size slots at first */
  constructor(size: number) {
    this.#pairs = new Uint32Array(2 * size);
  }

  get bytes(): number {
    return this.#pairs.byteLength;
  }

  /** The slot of a key, or the free one where it belongs; valid until something is put. */
  find(key: number): number {
    const pairs = this.#pairs;
    const end = pairs.length;
    let at = 2 * Math.floor(((key / 2 ** 32) * end) / 2);
    while (pairs[at + 1] !== 0 && pairs[at] !== key) at = at + 2 === end ? 0 : at + 2;
    return at >>> 1;
  }

  /** 0 where the slot is free. */
  value(slot: number): number {
    return this.#pairs[2 * slot + 1] ?? 0;
  }

  /** @param slot where the key is found */
  put(slot: number, key: number, value: number): void {
    const isNew = this.value(slot) === 0;
    this.#pairs[2 * slot] = key;
    this.#pairs[2 * slot + 1] = value;
    if (!isNew) return;
    this.#taken += 1;
    if (2 * this.#taken >= fullest * this.#pairs.length) this.#grow();
  }

  #grow(): void {
    const old = this.#pairs;
    this.#pairs = new Uint32Array(2 * Math.ceil(0.625 * old.length));
    for (let at = 0; at < old.length; at += 2) {
      const [key, value] = [old[at] ?? 0, old[at + 1] ?? 0];
      if (value === 0) continue;
      const to = 2 * this.find(key);
      this.#pairs[to] = key;
      this.#pairs[to + 1] = value;
    }
    // Given back at once: such large pieces would lie about until V8 collects its heap, which has no need of it.
    old.buffer.transfer(0);
  }
}
