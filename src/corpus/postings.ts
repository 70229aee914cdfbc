import { grown } from "./grown.ts";

/** The largest id: the highest bit marks a group. */
export const mostId = 2 ** 31 - 2;

/** A table is made a quarter larger when this part of it is taken. */
const fullest = 0.75;

/** Words of a group before its ids: how many there are, and how many it has room for. */
const header = 2;

/**
 * Key → the ids that were added under it, in order. Keys are evenly spread 32-bit numbers; different things with one key
 * share a list, so what is found is a candidate only.
 *
 * A key with one id, as nearly all have, takes one slot of 8 bytes, 12 with the free ones; from the second on ids lie
 * together in groups, which double. Slots are in the order of their keys, so that growing reads and writes memory from
 * front to back. (Lists of ids in a Map take 150 bytes a key.)
 */
export class Postings {
  #keys = new Uint32Array(1024);
  /** 0: free; id + 1; or a group's place in the pool, with the highest bit set. */
  #values = new Uint32Array(1024);
  #taken = 0;
  #pool = new Uint32Array(1024);
  #poolEnd = 0;
  /** First free group by the logarithm of its room; each holds the next one's place + 1. */
  readonly #free = new Uint32Array(32);

  get bytes(): number {
    return this.#keys.byteLength + this.#values.byteLength + this.#pool.byteLength;
  }

  /** The slot of a key, or -1; valid until something is added. */
  find(key: number): number {
    const slot = this.#slotOf(key);
    return this.#values[slot] === 0 ? -1 : slot;
  }

  count(slot: number): number {
    const value = this.#values[slot] ?? 0;
    return isGroup(value) ? (this.#pool[placeOf(value)] ?? 0) : 1;
  }

  id(slot: number, index: number): number {
    const value = this.#values[slot] ?? 0;
    return isGroup(value) ? (this.#pool[placeOf(value) + header + index] ?? 0) : value - 1;
  }

  add(key: number, id: number): void {
    if (this.#taken >= fullest * this.#keys.length) this.#grow();
    const slot = this.#slotOf(key);
    const value = this.#values[slot] ?? 0;
    if (value === 0) this.#put(slot, key, id + 1);
    else this.#values[slot] = this.#append(isGroup(value) ? placeOf(value) : this.#pair(value - 1), id) | groupBit;
  }

  #slotOf(key: number): number {
    const [keys, values, size] = [this.#keys, this.#values, this.#keys.length];
    let slot = Math.floor((key / 2 ** 32) * size);
    while (values[slot] !== 0 && keys[slot] !== key) slot = slot + 1 === size ? 0 : slot + 1;
    return slot;
  }

  #put(slot: number, key: number, value: number): void {
    this.#keys[slot] = key;
    this.#values[slot] = value;
    this.#taken += 1;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    const size = Math.ceil(1.25 * keys.length);
    this.#keys = new Uint32Array(size);
    this.#values = new Uint32Array(size);
    this.#taken = 0;
    for (let slot = 0; slot < keys.length; slot += 1) {
      const [key, value] = [keys[slot] ?? 0, values[slot] ?? 0];
      if (value !== 0) this.#put(this.#slotOf(key), key, value);
    }
    // Given back at once: such large pieces would lie about until V8 collects its heap, which has no need of it.
    keys.buffer.transfer(0);
    values.buffer.transfer(0);
  }

  /** A new group of one id. */
  #pair(id: number): number {
    const place = this.#allocate(1);
    this.#pool[place] = 1;
    this.#pool[place + header] = id;
    return place;
  }

  /** @returns where the group is now */
  #append(place: number, id: number): number {
    const count = this.#pool[place] ?? 0;
    const power = this.#pool[place + 1] ?? 0;
    const at = count < 2 ** power ? place : this.#move(place, power);
    this.#pool[at + header + count] = id;
    this.#pool[at] = count + 1;
    return at;
  }

  #move(place: number, power: number): number {
    const to = this.#allocate(power + 1);
    this.#pool.copyWithin(to + header, place + header, place + header + 2 ** power);
    this.#pool[place] = this.#free[power] ?? 0;
    this.#free[power] = place + 1;
    return to;
  }

  #allocate(power: number): number {
    let place = (this.#free[power] ?? 0) - 1;
    if (place >= 0) this.#free[power] = this.#pool[place] ?? 0;
    else {
      place = this.#poolEnd;
      this.#poolEnd += header + 2 ** power;
      this.#pool = grown(this.#pool, this.#poolEnd);
    }
    this.#pool[place + 1] = power;
    return place;
  }
}

const groupBit = 2 ** 31;

const isGroup = (value: number): boolean => value >= groupBit;

const placeOf = (value: number): number => value - groupBit;
