import { boilerplateThreshold } from "./boilerplate.ts";

/** Lines with fewer letters and digits (bytes, in other scripts than Latin) than this are headings and short answers, which belong to a text. */
const fewestCharacters = 40;

/** Longer ones, in bytes, are paragraphs. */
const longestLine = 500;

const bloomBits = 2 ** 26;
const recentLines = 2 ** 14;

/**
 * Finds lines that stand in many documents of one source: page headers, disclaimers, licence texts. Lines are compared
 * by their letters and digits, in lower case: a page number makes another line of a header, but so does the value in a line
 * of a laboratory report, which must not go. Only lines met a second time are counted one by one, the first sighting is a
 * pair of bits in a Bloom filter; so memory follows what repeats and not what is there. (A filter that is wrong about a
 * first sighting counts one document too many; at a million lines that is one line in a thousand.)
 */
export class RepeatedLines {
  readonly #seen = new Uint32Array(bloomBits / 32);
  readonly #repeated = new Map<number, { count: number; readonly opening: number }>();
  /** Lines of the document at hand: one that repeats itself inside a document counts once. */
  readonly #recent = new Float64Array(recentLines);
  readonly #recentDocument = new Int32Array(recentLines).fill(-1);
  #documents = 0;

  /** @param text UTF-8 */
  add(text: Uint8Array): void {
    eachLine(text, undefined, (line, opening) => this.#count(line, opening));
    this.#documents += 1;
  }

  boilerplate(): Boilerplate {
    const least = boilerplateThreshold(this.#documents);
    const found = [...this.#repeated].filter(([, { count }]) => count >= least);
    return {
      lines: new Set(found.map(([line]) => line)),
      openings: new Set(found.map(([, { opening }]) => opening)),
    };
  }

  #count(line: number, opening: number): void {
    const place = line % recentLines;
    if (this.#recent[place] === line && this.#recentDocument[place] === this.#documents) return;
    this.#recent[place] = line;
    this.#recentDocument[place] = this.#documents;
    const repeated = this.#repeated.get(line);
    if (repeated !== undefined) repeated.count += 1;
    else if (this.#mark(line)) this.#repeated.set(line, { count: 2, opening });
  }

  /** Whether both bits of a line were set already. */
  #mark(line: number): boolean {
    const first = this.#setBit(line % bloomBits);
    const second = this.#setBit(Math.floor(line / 2 ** 24) % bloomBits);
    return first && second;
  }

  #setBit(bit: number): boolean {
    const [word, mask] = [bit >>> 5, 1 << (bit & 31)];
    const old = this.#seen[word] ?? 0;
    this.#seen[word] = old | mask;
    return (old & mask) !== 0;
  }
}

/** Lines that are boilerplate, by key; and their openings, by which most other lines are told apart after a few letters. */
export interface Boilerplate {
  readonly lines: ReadonlySet<number>;
  readonly openings: ReadonlySet<number>;
}

export const noBoilerplate: Boilerplate = { lines: new Set(), openings: new Set() };

/** A text (UTF-8) without its boilerplate lines, and how many there were. */
export const withoutLines = (
  text: Buffer,
  { lines: boilerplate, openings }: Boilerplate,
): { text: Buffer; lines: number } => {
  if (boilerplate.size === 0) return { text, lines: 0 };
  const kept: Buffer[] = [];
  let from = 0;
  let lines = 0;
  eachLine(text, openings, (line, _, start, end) => {
    if (!boilerplate.has(line)) return;
    kept.push(text.subarray(from, start));
    from = end;
    lines += 1;
  });
  if (lines === 0) return { text, lines };
  kept.push(text.subarray(from));
  const rest = Buffer.concat(kept)
    .toString("utf8")
    .replace(/\n{3,}/g, "\n\n");
  return { text: Buffer.from(rest.replace(/^\n+|\n+$/g, "")), lines };
};

const newline = 10;

/**
 * Calls back for each line that matters by its length, with its key (52 bits of two multiplicative hashes) and that of
 * its opening. Bytes and not characters: a string may be of one byte or of two, in one piece or in several, and asking it
 * for each character costs five times as much.
 * @param openings only lines that begin like one of these are looked at to their end
 * @param visit gets the offsets of the line in bytes, its newline included
 */
const eachLine = (
  text: Uint8Array,
  openings: ReadonlySet<number> | undefined,
  visit: (key: number, opening: number, start: number, end: number) => void,
): void => {
  const line = { key: 0, opening: 0 };
  for (let start = 0; start < text.length;) {
    const found = text.indexOf(newline, start);
    const end = found < 0 ? text.length : found;
    const length = end - start;
    const matters = length >= fewestCharacters && length <= longestLine && readLine(text, start, end, openings, line);
    if (matters) visit(line.key, line.opening, start, Math.min(end + 1, text.length));
    start = end + 1;
  }
};

/** Letters of an opening. */
const openingLetters = 12;

/**
 * Reads a line into `line`; false when it has too few letters or begins otherwise. Sums are cut to 32 bits at once: as
 * doubles they take ten times as long. What is no letter is multiplied by one, and nothing is added: a branch at each
 * space, which the processor guesses wrong, took half as long again.
 */
const readLine = (
  text: Uint8Array,
  start: number,
  end: number,
  openings: ReadonlySet<number> | undefined,
  line: { key: number; opening: number },
): boolean => {
  let high = 0;
  let low = 0;
  let letters = 0;
  for (let at = start; at < end; at += 1) {
    const letter = letterOf[text[at] ?? 0] ?? 0;
    if (letter === typographic) {
      at += markBytes(text, at);
      continue;
    }
    // All ones for a letter, zero for the rest.
    const keep = -letter >> 31;
    high = (Math.imul(high ^ letter, 1 + (0x01000192 & keep)) + (0x1e3779b9 & keep)) | 0;
    low = (Math.imul(low, 1 + (0x2c1b3c6c & keep)) + letter) | 0;
    letters -= keep;
    // Once more at a space behind the last of them, which changes nothing.
    if (letters !== openingLetters) continue;
    if (openings !== undefined && !openings.has(high)) return false;
    line.opening = high;
  }
  line.key = (high >>> 6) * 2 ** 26 + (low >>> 6);
  return letters >= fewestCharacters;
};

/** The first byte of characters of which some are dashes, quotation marks and signs. */
const typographic = 1;

/** What a line is compared by: letters in lower case, digits, and the bytes of all other scripts; 0 is for the rest. */
const letterOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0xc2 || byte === 0xe2) return typographic;
  if (byte >= 128) return byte;
  const character = String.fromCharCode(byte);
  return /[a-z\d]/i.test(character) ? character.toLowerCase().charCodeAt(0) : 0;
});

/** Bytes that follow the first of a sign of Latin-1 (C2 xx) or of the block General Punctuation (E2 80 xx, E2 81 xx). */
const markBytes = (text: Uint8Array, at: number): number => {
  if (text[at] === 0xc2) return 1;
  return text[at + 1] === 0x80 || text[at + 1] === 0x81 ? 2 : 0;
};
