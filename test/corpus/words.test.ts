import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FoldedWords } from "../../src/corpus/folded-words.ts";
import { documentKey as keyOf, WordReader } from "../../src/corpus/words.ts";
import { referenceWords } from "./reference-words.ts";

const folded = new FoldedWords();
const fold = (text: string): string => {
  folded.read(text);
  return Buffer.from(folded.units.buffer, 0, 2 * folded.length).toString("utf16le");
};
const reference = (text: string): string =>
  referenceWords(text)
    .map((word) => `${word} `)
    .join("");

const reader = new WordReader();
const read = (text: string): string[] => {
  const { a, b, count } = reader.read(text);
  return Array.from({ length: count }, (_, at) => `${a[at]} ${b[at]}`);
};

/** Characters that act upon each other, far more often than by chance. */
const close = fc
  .constantFrom(
    [0x20, 0x7f],
    [0x80, 0x250],
    [0x300, 0x400],
    [0x600, 0x700],
    [0x900, 0xa00],
    [0xe00, 0xe80],
    [0x1100, 0x1200],
    [0x2000, 0x2100],
    [0x3040, 0x3100],
    [0xac00, 0xac80],
    [0xd800, 0xe000],
    [0xfe00, 0xfe10],
    [0xff60, 0xffe0],
    [0x11080, 0x11100],
  )
  .chain(([from = 0, to = 1]) => fc.integer({ min: from, max: to - 1 }))
  .map((code) => String.fromCodePoint(code));
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.array(close, { maxLength: 12 }).map((characters) => characters.join("")),
);

describe("FoldedWords", () => {
  test.each([
    ["nothing", "", ""],
    ["separators only", " \n—…()", ""],
    ["case and punctuation", "The END, of (it)!", "the end of it "],
    ["apostrophes of all kinds", "don't don’t don‘t donʼt don`t", "don t don t don t don t don t "],
    ["quotes", "“naïve” 'cafés'", "naïve cafés "],
    ["compatibility characters", "ﬁve ½ x² №5 ① ℃", "five 1 2 x2 no5 1 c "],
    ["full-width letters", "ＡＢＣ　１２", "abc 12 "],
    ["capital and final sigma", "ΟΔΟΣ οδος", "οδοσ οδοσ "],
    ["a capital that becomes two", "İx", "i̇x "],
    ["accents that were not composed", "e\u0301te\u0301", "été "],
    ["marks without a letter", "\u0301 \u0308x", "x "],
    ["what cannot be seen", "co\u00adop\u200der\ufeffate", "cooperate "],
    ["Chinese", "我们 去。x走y", "我 们 去 x 走 y "],
    ["Japanese, half-width and long vowels", "ｶﾞガー", "ガ ガ ー "],
    ["Thai with its marks", "กินน้ำ", "กิ น น\u0e49\u0e4d า "],
    ["Korean words as written", "한국어 문장", "한국어 문장 "],
    ["Hindi", "मैं हूँ", "मैं हूँ "],
    ["Arabic with vowels", "كَتَبَ", "كَتَبَ "],
    ["letters outside of the first plane", "𝐀𝐛 𐐀x 😀👩‍⚕️ 𠀀𠀁", "ab 𐐨x 𠀀 𠀁 "],
    ["underscores and digits", "snake_case v1.2", "snake case v1 2 "],
    ["a sign with a stroke", "a=\u0338b", "a b "],
  ])("reads %s", (_, text, expected) => {
    expect(fold(text)).toBe(expected.normalize("NFC"));
    expect(reference(text)).toBe(expected.normalize("NFC"));
  });

  /** Of ideographs, which are all alike, and of what is no character, one in 61 is enough. */
  const isAlike = (character: string): boolean => /[\p{Unified_Ideograph}\p{Cn}\p{Co}]/u.test(character);

  test("agrees with the reference on every character, alone and among others", () => {
    const wrong: string[] = [];
    for (let code = 0; code < 0x110000; code += 1) {
      const character = String.fromCodePoint(code);
      if (isAlike(character) && code % 61 > 0) continue;
      const text = `${character} a${character}b Σ${character}\u0301\u0316x か${character}か ${character}\u0301 é${character}\u0316`;
      if (fold(text) !== reference(text)) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  test("agrees with the reference on every composition, taken apart", () => {
    const wrong: string[] = [];
    for (let code = 0; code < 0x110000; code += 1) {
      const character = String.fromCodePoint(code);
      const parts = character.normalize("NFD");
      const text = `q${parts}w${character.normalize("NFKD")} ${parts}`;
      if (parts !== character && fold(text) !== reference(text)) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  test("agrees with the reference on any text, composed or not", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fold(text)).toBe(reference(text));
        expect(fold(text.normalize("NFC"))).toBe(reference(text.normalize("NFC")));
      }),
      { numRuns: 20_000 },
    );
  });

  test("goes on after stretches of marks without end, in linear time", () => {
    const text = `a${"\u0301\u0316".repeat(200_000)} b`;
    expect(fold(text)).toMatch(/^á[^ ]* b $/u);
    expect(fold("\ufdfa".repeat(100_000)).length).toBeGreaterThan(1_500_000);
  });
});

describe("WordReader", () => {
  test("has one pair of hashes for one word, and different ones for different words", () => {
    const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 6 }), { maxLength: 20 });
    const words = new Map<string, string>();
    const hashes = new Map<string, string>();
    fc.assert(
      fc.property(texts, (parts) => {
        const text = parts.join(" ");
        const expected = referenceWords(text);
        const found = read(text);
        expect(found.length).toBe(expected.length);
        for (const [at, hash] of found.entries()) {
          const word = expected[at]!;
          expect(words.get(hash) ?? word).toBe(word);
          expect(hashes.get(word) ?? hash).toBe(hash);
          words.set(hash, word);
          hashes.set(word, hash);
        }
      }),
      { numRuns: 2000 },
    );
    expect(words.size).toBeGreaterThan(1000);
  });

  test("spreads both halves evenly and independently", () => {
    const { a, b, count } = reader.read(Array.from({ length: 100_000 }, (_, number) => `${number}`).join(" "));
    expect(count).toBe(100_000);
    const bins = new Uint32Array(256);
    for (let at = 0; at < count; at += 1) bins[((a[at]! >>> 28) << 4) | (b[at]! & 15)]! += 1;
    // 390 expected in each, with a standard deviation of 20.
    expect(Math.min(...bins)).toBeGreaterThan(270);
    expect(Math.max(...bins)).toBeLessThan(510);
    // 1.2 pairs of equal halves are expected.
    expect(new Set(a.subarray(0, count)).size).toBeGreaterThan(99_980);
    expect(new Set(b.subarray(0, count)).size).toBeGreaterThan(99_980);
  });

  test("reads texts of many blocks, with and without spaces, as the reference does", () => {
    const sentence = "Straße und naïve “Wörter” in 中文 e\u0301 ";
    for (const text of [
      sentence.repeat(9000),
      "x".repeat(100_000),
      `${"é\u0316".repeat(70_000)} end`,
      " ".repeat(99_999),
    ])
      expect(read(text)).toEqual(referenceWords(text).flatMap((word) => read(word)));
  });

  /** The words of UTF-8, once read as bytes and once as a string. */
  const bothWays = (text: string): readonly (readonly string[])[] => {
    const { a, b, count } = new WordReader().readBytes(Buffer.from(text));
    return [Array.from({ length: count }, (_, at) => `${a[at]} ${b[at]}`), read(text)];
  };

  test("reads bytes as it reads the same string", () => {
    const ascii = fc.string({ unit: "binary-ascii", maxLength: 60 });
    const pieces = fc.array(fc.oneof(ascii, anyText, fc.constantFrom(" ", "  ", "a ", " é", "\u0301")), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(pieces, (parts) => {
        const [bytes, string] = bothWays(parts.join("").toWellFormed());
        expect(bytes).toEqual(string);
      }),
      { numRuns: 10_000 },
    );
  });

  test("reads bytes as it reads the same string, whatever stands where blocks meet", () => {
    const seam = fc.array(fc.constantFrom("a", " ", ".", "é", "\u0301", "中", "\u00ad", "😀"), { maxLength: 12 });
    const length = fc.integer({ min: 1016, max: 1032 });
    fc.assert(
      fc.property(fc.array(fc.tuple(length, fc.constantFrom("x", " ", "ab "), seam), { maxLength: 4 }), (parts) => {
        const text = parts.map(([size, filler, characters]) => filler.repeat(size) + characters.join("")).join("");
        const [bytes, string] = bothWays(text);
        expect(bytes).toEqual(string);
      }),
      { numRuns: 300 },
    );
  });

  test("gives the same again after longer and shorter texts", () => {
    const first = read("one two three");
    read("word ".repeat(5000));
    expect(read("")).toEqual([]);
    expect(read("one two three")).toEqual(first);
  });
});

const keyReader = new WordReader();
const documentKey = (text: string): string => keyOf(keyReader.read(text), Buffer.from(text, "utf16le"));

describe("documentKey", () => {
  test("is one for copies that differ in case, white space, punctuation and form", () => {
    const copies = ["Fever, 39 °C.\nSee ﬁgure 2", "fever 39 °c — see figure 2!", "FEVER 39 °C   SEE FIGURE 2"];
    expect(new Set(copies.map(documentKey)).size).toBe(1);
  });

  test("tells apart different words, their order and borders, and texts without any", () => {
    const texts = [
      "a b c",
      "a c b",
      "ab c",
      "a bc",
      "a b",
      "a b c c",
      "",
      " ",
      "+++",
      "---",
      "+ ++",
      "\u0301",
      "\ud800",
      "\udc00",
    ];
    expect(new Set(texts.map(documentKey)).size).toBe(texts.length);
  });

  test("has 128 bits", () => {
    expect(documentKey("x")).toHaveLength(16);
    expect(documentKey("x")).not.toMatch(/[^\0-\xff]/);
  });

  test("is equal exactly if the normalised words are", () => {
    const pieces = fc.constantFrom("a", "A", "b", " ", ", ", "'", "é", "e\u0301", "中", "\u00ad", "!", "ς", "Σ");
    const text = fc.array(pieces, { maxLength: 5 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, (one, two) => {
        const [first, second] = [reference(one), reference(two)];
        const same = first === second && (first !== "" || one === two);
        expect(documentKey(one) === documentKey(two)).toBe(same);
      }),
      { numRuns: 5000 },
    );
  });

  test("is the same for texts of many blocks", () => {
    const words = Array.from({ length: 50_000 }, (_, number) => `w${number}`);
    expect(documentKey(words.join(" "))).toBe(documentKey(words.join(" -- ").toUpperCase()));
    expect(documentKey(words.join(" "))).not.toBe(documentKey(words.slice(1).join(" ")));
    expect(documentKey(`a${" ".repeat(100_000)}`)).toBe(documentKey(`${" ".repeat(100_000)}A`));
    expect(documentKey(" ".repeat(100_000))).not.toBe(documentKey(" ".repeat(100_001)));
  });
});
