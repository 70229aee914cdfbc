import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byCodeUnit, canonical, fingerprint, sha256, type Json } from "../../src/base/canonical.ts";

const json: fc.Arbitrary<Json> = fc
  .jsonValue({ stringUnit: "binary", maxDepth: 4 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

/** The same value with the names of every object put in another order. */
const shuffled = (value: Json): Json => {
  if (Array.isArray(value)) return (value as readonly Json[]).map(shuffled);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [name, shuffled(inner)]),
  );
};

describe("canonical", () => {
  test("gives one text whatever the order in which names were inserted", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonical(shuffled(value))).toBe(canonical(value));
      }),
    );
  });

  test("gives the value back, so two different values never share a text", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonical(value))).toEqual(value);
      }),
    );
  });

  test("tells apart what looks alike", () => {
    const alike: Json[] = [1, "1", [1], ["1"], { 1: 1 }, null, "null", [], {}, [[]], [null], "", [""], true, "true"];
    expect(new Set([...alike, { a: null }, { a: {} }, { "a.b": 1 }, { a: { b: 1 } }].map(canonical)).size).toBe(
      alike.length + 4,
    );
  });

  test("sorts names by UTF-16 code unit and not by a locale", () => {
    expect(canonical({ ä: 1, z: 2, Z: 3, a: 4, "\u{1F600}": 5, "\uFFFD": 6 })).toBe(
      '{"Z":3,"a":4,"z":2,"ä":1,"\u{1F600}":5,"\uFFFD":6}',
    );
  });

  test("orders names that look like array indices as text", () => {
    expect(canonical({ 10: 1, 9: 2, "09": 3 })).toBe('{"09":3,"10":1,"9":2}');
  });

  test("keeps the order of arrays", () => {
    expect(canonical([3, 1, 2])).toBe("[3,1,2]");
  });

  test("escapes lone surrogates, so that UTF-8 cannot make two of them equal", () => {
    expect(canonical("\uD800")).not.toBe(canonical("\uDC00"));
    expect(fingerprint("\uD800")).not.toBe(fingerprint("\uDC00"));
  });

  test.each([
    [0.1 + 0.2, "0.30000000000000004"],
    [1e21, "1e+21"],
    [-0, "0"],
    [5e-324, "5e-324"],
  ])("writes the number %d in the shortest form that gives it back", (value, text) => {
    expect(canonical(value)).toBe(text);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("throws on %d, which is a bug in a key", (value) => {
    expect(() => canonical({ a: [value] })).toThrow("Internal error");
  });
});

test("sha256 is the known digest of the bytes", () => {
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256(new Uint8Array([0x61, 0x62, 0x63]))).toBe(sha256("abc"));
});

test("byCodeUnit is a total order", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      expect(Math.sign(byCodeUnit(a, b)) + Math.sign(byCodeUnit(b, a))).toBe(0);
      expect(byCodeUnit(a, b) === 0).toBe(a === b);
    }),
  );
});
