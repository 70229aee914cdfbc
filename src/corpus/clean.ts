import { err, ok, type Result } from "../base/result.ts";

/** Shorter texts, in characters, say too little to be a document. */
const minLength = 64;

/**
 * Bytes → clean text: UTF-8 (a byte order mark is removed), NFC, `\n` line ends, no control characters, no white space
 * at line ends, at most one blank line in a row. The error says what kind of file it is instead.
 */
export const cleanText = (bytes: Uint8Array): Result<string, string> => {
  const decoded = decode(bytes);
  return decoded.ok ? ok(normalise(decoded.value)) : decoded;
};

export const isTooShort = (text: string): boolean => text.length < minLength;

const decode = (bytes: Uint8Array): Result<string, string> => {
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff])) return err("it is UTF-16; save it as UTF-8");
  if (bytes.includes(0)) return err("it holds NUL bytes, so it is no text file");
  try {
    return ok(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return err("it is not valid UTF-8");
  }
};

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, index) => bytes[index] === byte);

const normalise = (text: string): string =>
  text
    .replace(/\r\n?|\u0085|\u2028|\u2029/g, "\n")
    // Controls other than tab and newline, and the invisible marks that copied web text is full of; not the two joiners
    // (U+200C, U+200D), with which Persian, Hindi and many emoji are spelt.
    .replace(/[\p{Cc}\u200b\u200e\u200f\u2060\ufeff]/gu, (character) => (/[\t\n]/.test(character) ? character : ""))
    // After the marks are gone, for one may stand between a letter and its accent.
    .normalize("NFC")
    // The look-behind keeps long runs of spaces inside a line from taking quadratic time.
    .replace(/(?<![^\S\n])[^\S\n]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^\n+|\n+$/g, "");

/** What two copies of a text have in common although case, white space or punctuation differ. */
export const duplicateKey = (text: string): string => {
  const words = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  // Texts without any letter or digit are not all the same.
  return words === "" ? text : words;
};
