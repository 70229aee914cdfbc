import { describe, expect, test } from "vitest";
import { Components } from "../../src/corpus/components.ts";
import { NgramTable } from "../../src/corpus/ngram-table.ts";
import { Postings } from "../../src/corpus/postings.ts";
import { chance } from "./planted.ts";

const idsOf = (postings: Postings, key: number): number[] => {
  const slot = postings.find(key);
  return slot < 0 ? [] : Array.from({ length: postings.count(slot) }, (_, index) => postings.id(slot, index));
};

describe("Postings", () => {
  test("has what was added under each key, in order, as a Map has", () => {
    const random = chance(1);
    const [postings, map] = [new Postings(), new Map<number, number[]>()];
    for (let id = 0; id < 60_000; id += 1) {
      // Some keys are frequent, some lie side by side, and the ends of the range are among them.
      const draw = random();
      const key = [0, 0xffffffff, 0xffffffff - (id % 50), Math.floor(draw * 4e4)][id % 7] ?? Math.floor(draw * 2 ** 32);
      postings.add(key, id);
      const ids = map.get(key);
      if (ids === undefined) map.set(key, [id]);
      else ids.push(id);
    }
    for (const [key, ids] of map) expect(idsOf(postings, key)).toEqual(ids);
    expect(idsOf(postings, 123_456_789)).toEqual(map.get(123_456_789) ?? []);
  });

  test("takes less than 16 bytes for a key with one id, and 16 for a further id", () => {
    const random = chance(2);
    const postings = new Postings();
    for (let id = 0; id < 400_000; id += 1) postings.add(Math.floor(random() * 2 ** 32), id);
    const before = postings.bytes;
    expect(before / 400_000).toBeLessThan(16);
    for (let id = 0; id < 400_000; id += 1) postings.add(5, id);
    expect((postings.bytes - before) / 400_000).toBeLessThan(16);
  });
});

describe("NgramTable", () => {
  test("numbers different keys in the order in which they came, and knows no others", () => {
    const table = new NgramTable();
    const random = chance(3);
    // Many keys share a half with another one.
    const keys = Array.from({ length: 30_000 }, () => [
      Math.floor(random() * 300) * 0x00d0_0001,
      Math.floor(random() * 300) * 0x00d0_0001,
    ]);
    const known = new Map<string, number>();
    for (const [a = 0, b = 0] of keys) {
      const number = known.get(`${a} ${b}`) ?? known.size;
      known.set(`${a} ${b}`, number);
      expect(table.add(a, b)).toBe(number);
    }
    expect(table.count).toBe(known.size);
    for (let at = 0; at < 50_000; at += 1) {
      const [a, b] = [Math.floor(random() * 400) * 0x00d0_0001, Math.floor(random() * 400) * 0x00d0_0001];
      expect(table.find(a, b)).toBe(known.get(`${a} ${b}`) ?? -1);
    }
  });
});

describe("Components", () => {
  test("have the smallest id as root, and know their size", () => {
    const components = new Components();
    components.reserve(9999);
    for (let id = 9999; id > 5000; id -= 1) components.join(id, id - 1);
    components.join(20, 7000);
    components.join(7000, 20);
    expect([9999, 5000, 20].map((id) => components.root(id))).toEqual([20, 20, 20]);
    expect([components.size(8000), components.size(4999)]).toEqual([5001, 1]);
  });
});
