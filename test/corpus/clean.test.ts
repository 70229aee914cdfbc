import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanText, duplicateKey, isTooShort } from "../../src/corpus/clean.ts";

const clean = (text: string): string => {
  const cleaned = cleanText(Buffer.from(text));
  if (!cleaned.ok) throw new Error(cleaned.error);
  return cleaned.value;
};

describe("cleanText", () => {
  test.each([
    ["UTF-16 little endian", Buffer.from("\ufeffhello", "utf16le"), /UTF-16/],
    ["UTF-16 big endian", Buffer.from([0xfe, 0xff, 0, 0x68]), /UTF-16/],
    ["UTF-16 without a mark", Buffer.from("hello", "utf16le"), /NUL/],
    ["a NUL byte", Buffer.from("a\0b"), /NUL/],
    ["a byte that UTF-8 has not", Buffer.from([0x61, 0xff, 0x61]), /not valid UTF-8/],
    ["a character that is cut off", Buffer.from("ä").subarray(0, 1), /not valid UTF-8/],
    ["an encoded surrogate", Buffer.from([0xed, 0xa0, 0x80]), /not valid UTF-8/],
    ["Latin-1", Buffer.from("Grüße", "latin1"), /not valid UTF-8/],
  ])("names %s", (_, bytes, message) => {
    expect(cleanText(bytes)).toEqual({ ok: false, error: expect.stringMatching(message) as string });
  });

  test.each([
    ["a byte order mark", "\ufeffText", "Text"],
    ["line ends of Windows and of old Macs", "a\r\nb\rc\u0085d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"],
    ["composed characters", "e\u0301", "é"],
    ["a mark between a letter and its accent", "e\u200b\u0301", "é"],
    ["controls, but not tab", "a\u0007\tb\u001b[1mc\u007fd", "a\tb[1mcd"],
    ["invisible marks", "a\u200bb\u200ec\u2060d\ufeffe", "abcde"],
    ["white space at line ends", "a \t\nb\u00a0\nc", "a\nb\nc"],
    ["several blank lines", "a\n\n\n\n \n\nb", "a\n\nb"],
    ["blank lines around, but not the first indent", "\n \n  a\nb\n\n", "  a\nb"],
    ["white space inside a line, which may mean something", "a  b\n\tc", "a  b\n\tc"],
    [
      "the joiners of Persian, Hindi and emoji",
      "می\u200cخواهم क्\u200dष 👩\u200d⚕️",
      "می\u200cخواهم क्\u200dष 👩\u200d⚕️",
    ],
  ])("settles %s", (_, text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  test("leaves clean text as it is", () => {
    const pieces = fc.constantFrom(
      "a",
      "é",
      "e\u0301",
      " ",
      "\t",
      "\n",
      "\r\n",
      "\u200b",
      "\u00a0",
      "\u2028",
      "\u0001",
      "漢",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const once = clean(parts.join(""));
        expect(clean(once)).toBe(once);
        expect(once).toBe(once.normalize("NFC"));
        expect(once).not.toMatch(/[^\S\n]\n|\n{3}|\r|[^\S\n]$/);
      }),
      { numRuns: 500 },
    );
  });

  test("needs time in proportion to the length of a run of spaces", () => {
    const text = `a${" ".repeat(300_000)}b`;
    const began = performance.now();
    expect(clean(text)).toBe(text);
    // Quadratic time would be minutes.
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe("duplicateKey", () => {
  test("is one for copies that differ in case, white space, punctuation and form", () => {
    const copies = ["Fever, 39 °C.\nSee ﬁgure 2", "fever 39 °c — see figure 2!", "FEVER 39 °C   SEE FIGURE 2"];
    expect(new Set(copies.map(duplicateKey)).size).toBe(1);
  });

  test("tells apart different words, numbers and texts without either", () => {
    const texts = ["fever 39", "fever 38", "fever 3 9", "Fieber 39", "+++", "---", ""];
    expect(new Set(texts.map(duplicateKey)).size).toBe(texts.length);
  });
});

test("isTooShort draws the line at 64 characters", () => {
  expect([isTooShort("x".repeat(63)), isTooShort("x".repeat(64))]).toEqual([true, false]);
});
