import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean, type Cleaning } from "../../src/corpus/clean.ts";
import { decodeText } from "../../src/corpus/decode.ts";

const all: Cleaning = { nfc: true, controlCharacters: true };
/** As from a file. */
const cleaned = (text: string): string => {
  const result = decodeText(Buffer.from(text));
  if (!result.ok) throw new Error(result.error);
  return clean(result.value, all);
};

describe("text from a file", () => {
  test.each([
    ["UTF-16 without a mark", Buffer.from("hello", "utf16le"), /UTF-16 without a byte order mark/],
    ["a NUL byte", Buffer.from("a\0b"), /NUL/],
    ["a byte that UTF-8 has not", Buffer.from([0x61, 0xff, 0x61]), /not valid UTF-8/],
    ["a character that is cut off", Buffer.from("ä").subarray(0, 1), /not valid UTF-8/],
    ["an encoded surrogate", Buffer.from([0xed, 0xa0, 0x80]), /not valid UTF-8/],
    ["Latin-1", Buffer.from("Grüße", "latin1"), /not valid UTF-8/],
  ])("names %s", (_, bytes, message) => {
    expect(decodeText(bytes)).toEqual({ ok: false, error: expect.stringMatching(message) as string });
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
    expect(cleaned(text)).toBe(expected);
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
        const once = cleaned(parts.join(""));
        expect(cleaned(once)).toBe(once);
        expect(once).toBe(once.normalize("NFC"));
        expect(once).not.toMatch(/[^\S\n]\n|\n{3}|\r|[^\S\n]$/);
      }),
      { numRuns: 500 },
    );
  });

  test("needs time in proportion to the length of a run of spaces", () => {
    const text = `a${" ".repeat(300_000)}b`;
    const began = performance.now();
    expect(cleaned(text)).toBe(text);
    // Quadratic time would be minutes.
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

const everything: Cleaning = { nfc: true, controlCharacters: true };

describe("clean", () => {
  const text = "e\u0301\u200b\u0007a\0 \u2028\r\n\r\r\rb\u00a0\ufeff\n";
  test.each([
    [everything, "éa\n\nb"],
    [{ nfc: false, controlCharacters: true }, "e\u0301a\n\nb"],
    [{ nfc: true, controlCharacters: false }, "é\u200b\u0007a\n\nb"],
    [{ nfc: false, controlCharacters: false }, "e\u0301\u200b\u0007a\n\nb"],
  ])("with %j settles line ends, white space and NUL in any case", (switches, expected) => {
    expect(clean(text, switches)).toBe(expected);
  });

  test.each([
    ["a space at the end", "a "],
    ["a space before a line end", "a \nb"],
    ["an ideographic space at the end", "漢\u3000"],
    ["a form feed at the end", "a\f"],
    ["a newline at the end", "a\n"],
    ["a newline at the start", "\na"],
    ["two blank lines", "a\n\n\nb"],
  ])("does not overlook %s", (_, loose) => {
    expect(clean(loose, everything)).not.toBe(loose);
    expect(clean(loose, everything)).toBe(loose.trim().replaceAll(/ ?\n+/g, loose.includes("\n\n") ? "\n\n" : "\n"));
  });

  test("changes nothing the second time, whatever is switched off and whatever the text holds", () => {
    const units = fc.oneof(
      fc.constantFrom("\n", "\r", " ", "\t", "\0", "\u0085", "\u2028", "\u200b", "\ufeff", "e", "\u0301", "\u2000"),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    );
    const texts = fc.array(units, { maxLength: 40 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, fc.boolean(), fc.boolean(), (any, nfc, controlCharacters) => {
        const once = clean(any, { nfc, controlCharacters });
        expect(clean(once, { nfc, controlCharacters })).toBe(once);
        expect(once).not.toMatch(/[^\S\n]\n|\n{3}|[\r\0\u0085\u2028\u2029]|^\n|\s$/);
        const unwanted = controlCharacters ? /[^\P{Cc}\t\n]|[\u200b\u200e\u200f\u2060\ufeff]/u : /\0/;
        expect(once).not.toMatch(unwanted);
        expect(nfc ? once.normalize("NFC") : once).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });

  test("takes no more than thirty marks for one letter, so that a million of them cost no time", () => {
    expect(clean(`a${"\u0301".repeat(40)}b`, all)).toBe(clean(`a${"\u0301".repeat(30)}b`, all));
    expect(clean(`x${"\u0316\u0301".repeat(500_000)}`, all).length).toBeLessThan(40);
  });
});
