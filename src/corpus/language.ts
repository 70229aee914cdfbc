import { languageOfWords } from "./common-words.ts";

/** The language of what is none, or of which nothing can be said. */
export const undetermined = "und";

/** Characters that are looked at: the language of a document shows early, and a filter has a million of them to judge. */
const looked = 1000;

/**
 * ISO 639-1 code of a text's language, `und` for code, tables, short texts and whatever is not clear. Common words tell
 * most prose in the seven languages that have a list; all else is left to n-grams of sixty languages, which take
 * twenty times as long.
 */
export const languageOf = async (text: string): Promise<string> => {
  const head = text.slice(0, looked);
  if (!isProse(head)) return undetermined;
  const words = head.toLowerCase().split(" ");
  return languageOfWords(words) ?? (await loadDetector())(spread(words));
};

const kinds = { letter: 1, digit: 2, sign: 3 };

/** Of the ASCII characters, what programs have and sentences have not; not what Markdown puts around words. */
const kindOf: readonly number[] = Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z]/.test(character)) return kinds.letter;
  if (/\d/.test(character)) return kinds.digit;
  return /[{}[\]<>=|\\$&@^~+;]/.test(character) ? kinds.sign : 0;
});

/** Fewer letters than this are in too many languages. */
const fewestLetters = 20;

/** Part of the characters: prose has at most 0.01 on what ships, two files of code in three have more than 0.02. */
const mostSigns = 0.02;

const isProse = (head: string): boolean => {
  const counts = [0, 0, 0, 0];
  for (let at = 0; at < head.length; at += 1) {
    const code = head.charCodeAt(at);
    // Typographic signs count for nothing, anything else beyond ASCII for a letter.
    const kind = code < 128 ? (kindOf[code] ?? 0) : code >= 0x2000 && code < 0x2c00 ? 0 : kinds.letter;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  const [, letters = 0, digits = 0, signs = 0] = counts;
  return letters >= fewestLetters && letters > digits && signs <= head.length * mostSigns;
};

/** The detector looks at the first 350 bytes: every third word of three times as many is a better sample. */
const spread = (words: readonly string[]): string =>
  words.length < 90 ? words.join(" ") : words.filter((_, index) => index % 3 === 0).join(" ");

type Detect = (text: string) => string;

let detector: Promise<Detect> | undefined;

/** Loaded when it is needed, since that takes a third of a second and 80 MB: English alone never needs it. */
const loadDetector = (): Promise<Detect> => {
  // The smallest of its four tables: the larger ones told no text apart that this one did not, and load for up to 1.5 s.
  detector ??= import("eld/extrasmall").then(({ eld }) => (text) => {
    const result = eld.detect(text);
    return result.isReliable() ? result.language : undetermined;
  });
  return detector;
};
