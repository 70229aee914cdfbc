import { isAscii, isUtf8 } from "node:buffer";
import { err, ok, type Result } from "../base/result.ts";

export type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** What the first bytes of a file say of its encoding; without a mark it is taken for UTF-8. */
export interface Mark {
  readonly encoding: Encoding;
  /** bytes */
  readonly length: number;
}

/**
 * Bytes of a whole file → text, or what kind of file it is instead, as the rest of a sentence. UTF-8 needs no byte order
 * mark; UTF-16 is read only with one, because guessing it wrong makes nonsense that looks like text. Offsets count from 0.
 */
export const decodeText = (bytes: Uint8Array): Result<string, string> => {
  const mark = markOf(bytes);
  if (!mark.ok) return mark;
  const { encoding, length } = mark.value;
  if (encoding === "utf-8") return decodeUtf8(bytes.subarray(length), length);
  return decodeUtf16(bytes.subarray(length), encoding);
};

/** Bytes that the longest mark has, and so the fewest that `markOf` needs of a longer file. */
export const longestMark = 4;

/** The byte order mark of a file; the error names an encoding that is not read. */
export const markOf = (start: Uint8Array): Result<Mark, string> => {
  // Before UTF-16, whose mark is the beginning of this one.
  if (startsWith(start, [0xff, 0xfe, 0, 0]) || startsWith(start, [0, 0, 0xfe, 0xff]))
    return err("it is UTF-32; save it as UTF-8");
  if (startsWith(start, [0xef, 0xbb, 0xbf])) return ok({ encoding: "utf-8", length: 3 });
  if (startsWith(start, [0xff, 0xfe])) return ok({ encoding: "utf-16le", length: 2 });
  if (startsWith(start, [0xfe, 0xff])) return ok({ encoding: "utf-16be", length: 2 });
  return ok({ encoding: "utf-8", length: 0 });
};

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, index) => bytes[index] === byte);

/**
 * UTF-8 without a mark → text.
 * @param offset where `bytes` begin in what the reader knows, which the error counts from
 */
export const decodeUtf8 = (bytes: Uint8Array, offset = 0): Result<string, string> => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const zero = buffer.indexOf(0);
  if (zero >= 0) return err(nulFlaw(buffer, zero, offset));
  // The two fastest ways: one byte a character, and a decoder that need not look for mistakes.
  if (isAscii(buffer)) return ok(buffer.toString("latin1"));
  if (isUtf8(buffer)) return ok(buffer.toString("utf8"));
  const bad = firstInvalid(buffer);
  const hint = looksLikeWindows1252(buffer) ? "; it may be Latin-1 or Windows-1252, save it as UTF-8" : "";
  return err(`it is not valid UTF-8 (byte ${offset + bad})${hint}`);
};

const decodeUtf16 = (bytes: Uint8Array, encoding: Encoding): Result<string, string> => {
  try {
    // The mark is off already; a second one is a character of the text, which cleaning removes.
    return ok(new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return err(invalidIn(encoding));
  }
};

export const invalidIn = (encoding: Encoding): string => `it is not valid ${encoding.toUpperCase()}`;

/** Bytes at a file's start by which it is told whether it is UTF-16 or Windows-1252. */
const sample = 64 * 1024;

const nulFlaw = (bytes: Buffer, at: number, offset: number): string =>
  unmarkedUtf16(bytes) ?? `it holds NUL bytes (byte ${offset + at}), so it is no text`;

/** UTF-16 of mostly Latin text has a NUL in every other place, and none in between. */
export const unmarkedUtf16 = (bytes: Uint8Array): string | undefined => {
  const places = [0, 0];
  const length = Math.min(bytes.length, sample) & ~1;
  for (let at = 0; at < length; at += 1) if (bytes[at] === 0) places[at & 1] = (places[at & 1] ?? 0) + 1;
  const [even = 0, odd = 0] = places;
  // Of a shorter text nothing can be told.
  if (Math.max(even, odd) < Math.max(length * 0.2, 3) || Math.min(even, odd) > length * 0.025) return undefined;
  return `it is UTF-16 without a byte order mark (${even > odd ? "big" : "little"} endian); save it as UTF-8`;
};

/** Offset of the first byte that cannot be where it is: of a sequence that is cut short, its first byte. */
const firstInvalid = (bytes: Buffer): number => {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return at;
};

/** Bytes of the character at `at`, 0 where there is none: Unicode 17, table 3-7. */
const sequenceLength = (bytes: Buffer, at: number): number => {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (!isBetween(bytes[at + 1], lowest, highest)) return 0;
  for (let next = 2; next < length; next += 1) if (!isBetween(bytes[at + next], 0x80, 0xbf)) return 0;
  return length;
};

const isBetween = (byte: number | undefined, lowest: number, highest: number): boolean =>
  byte !== undefined && byte >= lowest && byte <= highest;

/** The five places that Windows-1252 leaves empty. */
const undefinedIn1252: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/**
 * Western European text in one byte a character: some bytes above ASCII, nearly all of them alone between ASCII. A
 * Cyrillic or Greek code page has them in long runs, and a damaged UTF-8 file has sequences of two and more.
 */
const looksLikeWindows1252 = (bytes: Buffer): boolean => {
  const length = Math.min(bytes.length, sample);
  let high = 0;
  let alone = 0;
  for (let at = 0; at < length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) continue;
    if (undefinedIn1252.has(byte)) return false;
    high += 1;
    if ((bytes[at - 1] ?? 0) < 0x80 && (bytes[at + 1] ?? 0) < 0x80) alone += 1;
  }
  return high > 0 && alone >= high * 0.8 && high <= length * 0.3;
};
