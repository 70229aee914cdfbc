import { glance, isPlain, type Glance } from "./glance.ts";

/** What of the cleaning may be switched off; line ends and white space are settled always. */
export interface Cleaning {
  /** Composes characters: Unicode's NFC. */
  readonly nfc: boolean;
  /** Removes control characters and invisible marks. */
  readonly controlCharacters: boolean;
}

/**
 * `\n` line ends, no NUL, no white space at line ends, at most one blank line in a row and none around the text; with
 * the switches on also NFC and no control characters. Cleaning a clean text changes nothing. Each step looks first
 * whether there is anything to do: most texts need none, and looking is several times cheaper than replacing.
 * @param seen what the text holds
 */
export const clean = (text: string, cleaning: Cleaning, seen: Glance = glance(text)): string => {
  // A file ends with a newline, and that is no reason to look through all its lines.
  const trimmed = withoutEndLines(isPlain(seen) ? text : cleanCharacters(text, cleaning));
  return hasLooseLines(trimmed) ? withoutEndLines(tightenLines(trimmed)) : trimmed;
};

/** Changes nothing in plain ASCII. */
const cleanCharacters = (text: string, { nfc, controlCharacters }: Cleaning): string => {
  let cleaned = lineEnd.test(text) ? text.replace(lineEnds, "\n") : text;
  const unwanted = controlCharacters ? marks : nul;
  if (unwanted.one.test(cleaned)) cleaned = cleaned.replace(unwanted.all, "");
  // After the marks are gone, for one may stand between a letter and its accent. What lies below U+0300 is NFC already.
  if (nfc && /[^\0-\u02ff]/.test(cleaned))
    cleaned = (mayPile.test(cleaned) ? cleaned.replace(pile, "$1") : cleaned).normalize("NFC");
  return cleaned;
};

const withoutEndLines = (text: string): string => {
  let [start, end] = [0, text.length];
  while (start < end && text.charCodeAt(start) === newline) start += 1;
  while (end > start && text.charCodeAt(end - 1) === newline) end -= 1;
  return text.slice(start, end);
};

// Two of each: a pattern that is global remembers where its last test ended.
const lineEnd = /[\r\u0085\u2028\u2029]/;
const lineEnds = /\r\n?|[\u0085\u2028\u2029]/g;

// Controls other than tab and newline, and the invisible marks that copied web text is full of (U+200B, U+200E, U+200F,
// U+2060, U+FEFF); not the two joiners (U+200C, U+200D), with which Persian, Hindi and many emoji are spelt. Written as
// all others left out, which is one class for the engine, where two alternatives or a look-ahead are slower.
const marks = {
  one: /[^\t\n -~\u00a0-\u200a\u200c-\u200d\u2010-\u205f\u2061-\ufefe\uff00-\uffff]/,
  all: /[^\t\n -~\u00a0-\u200a\u200c-\u200d\u2010-\u205f\u2061-\ufefe\uff00-\uffff]+/g,
};
// Whatever is switched off: at a NUL, which JSON can hold, a text ends for a program written in C.
const nul = { one: /\0/, all: /\0+/g };

/**
 * Marks on one letter beyond thirty, which no language has (the Stream-Safe Text Format of UAX 15): putting a million of
 * them in order takes a normalizer minutes.
 */
const pile = /(\p{M}{30})\p{M}+/gu;
/** Marks, and much else; but not what stands in most Western text, where looking for piles would cost more than all the rest. */
const mayPile = /[^\0-\u02ff\u2000-\u20cf\u2100-\u2bff]/;

const newline = 0x0a;

/** Whether a line ends with white space, two blank lines follow one another, or the text begins or ends with a newline. */
const hasLooseLines = (text: string): boolean => {
  const last = text.length - 1;
  if (text.charCodeAt(0) === newline || mayBeSpace(text.charCodeAt(last))) return true;
  // Jumping from newline to newline is faster than a pattern that stops at every space.
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before === newline ? text.charCodeAt(at - 2) === newline : mayBeSpace(before)) return true;
  }
  return false;
};

/** White space, and a few characters besides: it decides only whether to look closer. */
const mayBeSpace = (code: number): boolean => code <= 0x20 || (code >= 0xa0 && /\s/.test(String.fromCharCode(code)));

const tightenLines = (text: string): string =>
  text
    // The look-behind keeps long runs of spaces inside a line from taking quadratic time.
    .replace(/(?<![^\S\n])[^\S\n]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n");
