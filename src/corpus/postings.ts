import { grown } from "./grown.ts";
import { Slots } from "./slots.ts";

/** The largest id: the highest bit marks a group. */
export const mostId = 2 ** 31 - 2;

/** Words of a group before its ids: how many there are, and how many it has room for. */
const header = 2;

/** Keys are divided by their highest bits, and each part grows by itself: its old and its new table lie there together. */
const partBits = 6;
const partCount = 2 ** partBits;
const slotsAtFirst = 16;

/**
 * Key → the ids that were added under it, in order. Keys are evenly spread 32-bit numbers; different things with one key
 * share a list, so what is found is a candidate only.
 *
 * A key with one id, as nearly all have, takes one slot of 8 bytes, 12 with the free ones; from the second on ids lie
 * together in groups, which double. (Lists of ids in a Map take 150 bytes a key.)
 */
export class Postings {
  /** Values: id + 1; or a group's place in the pool, with the highest bit set. */
  readonly #parts = Array.from({ length: partCount }, () => new Slots(slotsAtFirst));
  #pool = new Uint32Array(1024);
  #poolEnd = 0;
  /** First free group by the logarithm of its room; each holds the next one's place + 1. */
  readonly #free = new Uint32Array(32);

  get bytes(): number {
    return this.#parts.reduce((sum, { bytes }) => sum + bytes, this.#pool.byteLength);
  }

  /** The slot of a key, or -1; valid until something is added. */
  find(key: number): number {
    const part = key >>> (32 - partBits);
    const slots = this.#part(part);
    const slot = slots.find((key << partBits) >>> 0);
    return slots.value(slot) === 0 ? -1 : slot * partCount + part;
  }

  count(slot: number): number {
    const value = this.#value(slot);
    return isGroup(value) ? (this.#pool[placeOf(value)] ?? 0) : 1;
  }

  id(slot: number, index: number): number {
    const value = this.#value(slot);
    return isGroup(value) ? (this.#pool[placeOf(value) + header + index] ?? 0) : value - 1;
  }

  add(key: number, id: number): void {
    const slots = this.#part(key >>> (32 - partBits));
    // What is left of the key without the bits of its part.
    const rest = (key << partBits) >>> 0;
    const slot = slots.find(rest);
    const value = slots.value(slot);
    if (value === 0) slots.put(slot, rest, id + 1);
    else slots.put(slot, rest, this.#append(isGroup(value) ? placeOf(value) : this.#pair(value - 1), id) + groupBit);
  }

  #part(part: number): Slots {
    return this.#parts[part] ?? unknownPart(part);
  }

  #value(slot: number): number {
    return this.#part(slot % partCount).value(Math.floor(slot / partCount));
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

const unknownPart = (part: number): never => {
  throw new Error(`Internal error: no part ${part}`);
};

const groupBit = 2 ** 31;

const isGroup = (value: number): boolean => value >= groupBit;

const placeOf = (value: number): number => value - groupBit;
