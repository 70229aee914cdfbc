import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Column } from "../../src/corpus/column.ts";
import { DocumentKeys } from "../../src/corpus/document-keys.ts";
import { DocumentTable } from "../../src/corpus/document-table.ts";
import { Names } from "../../src/corpus/names.ts";

describe("Names", () => {
  test("are numbered as a Map numbers them, and come back as they were, halves of characters too", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", maxLength: 6 }),
      fc.constantFrom("", "\0", "é", "\ud800", "\udc00", "\ud801", "\ufffd", "a\0", "a"),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 60 }), (added) => {
        const [names, map] = [new Names(), new Map<string, number>()];
        for (const each of added) {
          const number = map.get(each) ?? map.size;
          map.set(each, number);
          expect(names.add(each)).toBe(number);
        }
        expect(names.count).toBe(map.size);
        for (const [each, number] of map) expect(names.at(number)).toBe(each);
      }),
    );
  });

  test("may be longer than a block, end where it ends, and be empty behind it", () => {
    const names = new Names();
    const block = 2 ** 16;
    const lengths = [block - 1, 0, block, 1, 3 * block, 2, block / 2, block / 2 - 1, 5];
    const all = lengths.flatMap((length) => ["x".repeat(length), `${"y".repeat(length)}—`]);
    const numbers = all.map((name) => names.add(name));
    expect(numbers.map((number) => names.at(number) === all[number])).not.toContain(false);
    expect(all.map((name) => names.add(name))).toEqual(numbers);
    expect(() => names.at(all.length)).toThrow("Internal error");
  });

  test("are found among many", () => {
    const names = new Names();
    const all = Array.from({ length: 30_000 }, (_, at) => `folder/${at % 100}/${at}.txt`);
    expect(all.map((name) => names.add(name))).toEqual([...all.keys()]);
    expect(all.map((name) => names.add(name))).toEqual([...all.keys()]);
  });
});

test("document keys are added once, and those that differ in one byte are two", () => {
  const keys = new DocumentKeys();
  const base = Array.from({ length: 16 }, (_, at) => (at * 37) % 256);
  const all = [base, ...base.map((byte, at) => base.with(at, byte ^ 0x80))].map((key) => String.fromCodePoint(...key));
  expect(all.map((key) => keys.add(key))).toEqual(all.map(() => true));
  expect(all.map((key) => keys.add(key))).toEqual(all.map(() => false));
});

test("a column has every number at its place, beyond 32 bits where it is asked for", () => {
  const column = new Column(Float64Array);
  for (let at = 0; at < 10_000; at += 1) expect(column.push(at * 2 ** 32 + 1)).toBe(at);
  expect(column.length).toBe(10_000);
  for (const at of [0, 4095, 4096, 9999]) expect(column.at(at)).toBe(at * 2 ** 32 + 1);
  expect(() => column.at(10_000)).toThrow("Internal error");
});

test("a table of documents gives back what was added", () => {
  const table = new DocumentTable();
  const added = Array.from({ length: 9000 }, (_, at) => ({
    source: at % 3,
    group: at % 2 === 0 ? `name ${at}` : `patient = ${at % 7}`,
    name: `name ${at}`,
    offset: at * 2 ** 33,
    bytes: at,
  }));
  for (const document of added) table.add(document);
  expect(table.count).toBe(added.length);
  const found = added.map((_, at) => ({
    source: table.source(at),
    group: table.group(at),
    name: table.name(at),
    ...table.stretch(at),
  }));
  expect(found).toEqual(added);
  expect(table.groupNumber(1)).toBe(table.groupNumber(15));
  expect(table.groupNumber(1)).not.toBe(table.groupNumber(3));
});
