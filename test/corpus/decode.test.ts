import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeText } from "../../src/corpus/decode.ts";

const bytesOf = (...bytes: number[]): Buffer => Buffer.from(bytes);
/** What the platform's decoder makes of UTF-8 without NUL. */
const platform = (bytes: Uint8Array): string | undefined => {
  try {
    return bytes.includes(0) ? undefined : new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};
const swapped = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

describe("decodeText", () => {
  test.each([
    ["nothing", bytesOf(), ""],
    ["ASCII", Buffer.from("Fever\r\n"), "Fever\r\n"],
    ["UTF-8", Buffer.from("“Grüße” 漢字 👩‍⚕️"), "“Grüße” 漢字 👩‍⚕️"],
    ["UTF-8 with a byte order mark", Buffer.from("\ufeffGrüße"), "Grüße"],
    ["a byte order mark alone", Buffer.from("\ufeff"), ""],
    ["UTF-16 little endian", Buffer.from("\ufeffGrüße 👩", "utf16le"), "Grüße 👩"],
    ["UTF-16 big endian", swapped("\ufeffGrüße 👩"), "Grüße 👩"],
    ["a second mark, as a character", Buffer.from("\ufeff\ufeffa"), "\ufeffa"],
  ])("reads %s", (_, bytes, text) => {
    expect(decodeText(bytes)).toEqual({ ok: true, value: text });
  });

  test.each([
    ["UTF-16LE without a mark", Buffer.from("Fever, 39 °C", "utf16le"), /UTF-16 without.*little endian/],
    ["UTF-16BE without a mark", swapped("Fever, 39 °C"), /UTF-16 without.*big endian/],
    ["UTF-32", bytesOf(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0), /UTF-32/],
    ["UTF-32 big endian", bytesOf(0, 0, 0xfe, 0xff, 0, 0, 0, 0x61), /UTF-32/],
    ["half a surrogate pair", bytesOf(0xff, 0xfe, 0x00, 0xd8, 0x61, 0), /not valid UTF-16LE/],
    ["half of a UTF-16 unit", bytesOf(0xff, 0xfe, 0x61, 0, 0x62), /not valid UTF-16LE/],
    ["NUL bytes", Buffer.from("abc\0def"), /NUL bytes \(byte 3\), so it is no text/],
    ["NUL bytes behind a mark", Buffer.from("\ufeffabc\0"), /NUL bytes \(byte 6\)/],
    ["an overlong form", bytesOf(0x61, 0xc0, 0x80), /not valid UTF-8 \(byte 1\)$/],
    ["an encoded surrogate", bytesOf(0xed, 0xa0, 0x80), /not valid UTF-8 \(byte 0\)$/],
    ["what lies beyond Unicode", bytesOf(0x61, 0xf4, 0x90, 0x80, 0x80), /not valid UTF-8 \(byte 1\)$/],
    ["a character that is cut off", Buffer.from("Krankenhaus ä").subarray(0, -1), /not valid UTF-8 \(byte 12\)/],
    ["a bad byte behind a mark", bytesOf(0xef, 0xbb, 0xbf, 0xff, 0xff), /not valid UTF-8 \(byte 3\)$/],
    ["Windows-1252", Buffer.from("Herzinsuffizienz, müde", "latin1"), /byte 19\); it may be Latin-1 or Windows-1252/],
    ["a Cyrillic code page", Buffer.from("\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0", "latin1"), /\(byte 0\)$/],
  ])("names %s", (_, bytes, why) => {
    expect(decodeText(bytes)).toEqual({ ok: false, error: expect.stringMatching(why) as string });
  });

  test("reads a part of a larger buffer", () => {
    expect(decodeText(Buffer.from("xxGrüßexx").subarray(2, -2))).toEqual({ ok: true, value: "Grüße" });
  });

  test("agrees with the platform's decoder on what is UTF-8, and names the place where it ends", () => {
    const pieces = fc.oneof(
      fc.constantFrom("a", "é", "漢", "👩").map((text) => [...Buffer.from(text)]),
      fc.uint8Array({ min: 1, maxLength: 4 }).map((bytes) => [...bytes]),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        // A text before it, so that nothing is taken for a byte order mark.
        const bytes = Buffer.from([0x61, ...parts.flat()]);
        const decoded = decodeText(bytes);
        expect(decoded.ok ? decoded.value : undefined).toBe(platform(bytes));
        const at = decoded.ok ? bytes.length : Number(/byte (\d+)/.exec(decoded.error)?.[1]);
        expect(platform(bytes.subarray(0, at))).toBeDefined();
        // One byte at a time from there on, no character is complete.
        const behind = [1, 2, 3, 4].filter((more) => at + more <= bytes.length);
        expect(behind.filter((more) => platform(bytes.subarray(0, at + more)) !== undefined)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
