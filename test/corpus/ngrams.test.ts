import { describe, expect, test } from "vitest";
import { countNgrams, NgramIndex, type Overlap } from "../../src/corpus/ngrams.ts";
import { WordReader } from "../../src/corpus/words.ts";
import { runs } from "./brute-force.ts";
import { chance, planted } from "./planted.ts";
import { referenceWords } from "./reference-words.ts";

interface Passing {
  readonly text: string;
  /** The owner, if it is protected. */
  readonly own?: number;
}

const reader = new WordReader();

const indexed = (protectedTexts: readonly (readonly [number, string])[], sources: readonly (readonly Passing[])[]) => {
  const index = new NgramIndex();
  for (const [owner, text] of protectedTexts) index.protect(owner, reader.read(text));
  for (const documents of sources) passAll(index, documents);
  return index.result();
};

const passAll = (index: NgramIndex, documents: readonly Passing[], count = documents.length): void => {
  index.beginSource(count);
  for (const { text, own } of documents) index.pass(reader.read(text), own);
  index.endSource();
};

const ngramsOf = (text: string): Set<string> => new Set(runs(referenceWords(text), 13));

/** The same with strings. */
const bruteForce = (
  protectedTexts: readonly (readonly [number, string])[],
  sources: readonly (readonly Passing[])[],
): Overlap => {
  const found = new Set<string>();
  const boilerplate = new Set<string>();
  for (const documents of sources) {
    const counts = new Map<string, number>();
    for (const { text, own } of documents) {
      for (const ngram of ngramsOf(text)) {
        counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
        if (own === undefined) found.add(ngram);
      }
    }
    for (const [ngram, count] of counts) if (count >= 5 && count >= documents.length / 100) boilerplate.add(ngram);
  }
  const owned = new Map<number, Set<string>>();
  for (const [owner, text] of protectedTexts)
    owned.set(owner, new Set([...(owned.get(owner) ?? []), ...ngramsOf(text)]));
  const isHit = (ngram: string): boolean => found.has(ngram) && !boilerplate.has(ngram);
  const hits = [...owned].map(([owner, ngrams]) => [owner, [...ngrams].filter(isHit).length] as const);
  const all = new Set([...owned.values()].flatMap((ngrams) => [...ngrams]));
  return {
    hits: new Map(hits.filter(([, count]) => count > 0)),
    exempt: [...all].filter((ngram) => boilerplate.has(ngram)).length,
  };
};

/** The words from one number up to another. */
const words = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => `w${from + at}`).join(" ");

const hitsOf = ({ hits }: Overlap): [number, number][] => [...hits].sort(([one], [two]) => one - two);

describe("NgramIndex", () => {
  test.each([1, 2, 3])("finds what brute force finds: %d", (seed) => {
    const documents = planted({
      seed,
      documents: 2400,
      longest: 800,
      derived: 0.7,
      vocabulary: seed === 3 ? 50 : 20_000,
    });
    const random = chance(seed + 100);
    const isProtected = documents.map(() => random() < 0.15);
    // Owners are not the places in the list, and every second one has another text too.
    const owner = (place: number): number => 1e6 - place;
    const protectedTexts = documents.flatMap(({ text }, place) =>
      isProtected[place] ? [[owner(place), text] as const] : [],
    );
    const again = protectedTexts.map(
      ([number, text], at) => [number, at % 2 === 0 ? text : words(at, at + 20)] as const,
    );
    const sources = [0, 1, 2].map((source) =>
      documents.flatMap(({ text }, place): Passing[] => {
        if (source !== (place < 600 ? 0 : 1 + (place % 2))) return [];
        return [isProtected[place] ? { text, own: owner(place) } : { text }];
      }),
    );
    const expected = bruteForce([...protectedTexts, ...again], sources);
    const overlap = indexed([...protectedTexts, ...again], sources);
    expect(hitsOf(overlap)).toEqual(hitsOf(expected));
    expect(overlap.exempt).toBe(expected.exempt);
    expect(expected.hits.size).toBeGreaterThan(50);
    expect(expected.exempt).toBeGreaterThan(20);
  });

  test("finds runs of 13 words and no shorter ones, whatever their guise", () => {
    const text = words(0, 30);
    const passing = (part: string): Overlap => indexed([[7, text]], [[{ text: part }]]);
    expect(hitsOf(passing(`x ${words(5, 17)} y`))).toEqual([]);
    expect(hitsOf(passing(`x ${words(5, 18)} y`))).toEqual([[7, 1]]);
    expect(hitsOf(passing(words(5, 18).toUpperCase().replaceAll(" ", " — ")))).toEqual([[7, 1]]);
    expect(hitsOf(passing(`${words(5, 20)}. ${words(5, 20)}`))).toEqual([[7, 3]]);
    expect(hitsOf(passing(text))).toEqual([[7, 18]]);
  });

  test("knows no n-grams of texts that are shorter, and none of no texts", () => {
    expect(indexed([[1, words(0, 12)]], [[{ text: words(0, 12) }]])).toEqual({ hits: new Map(), exempt: 0 });
    expect(indexed([[1, ""]], [[{ text: "" }], []])).toEqual({ hits: new Map(), exempt: 0 });
    expect(new NgramIndex().result()).toEqual({ hits: new Map(), exempt: 0 });
  });

  test("counts an n-gram for every owner, once for each", () => {
    const shared = words(0, 13);
    const texts = [
      [1, `${shared} a ${shared}`],
      [2, `b ${shared}`],
      [1, `${shared} c`],
      [3, words(1, 14)],
    ] as const;
    expect(hitsOf(indexed(texts, [[{ text: `x ${shared} y ${shared}` }]]))).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  test("a protected document hits nothing, but counts for boilerplate", () => {
    const text = words(0, 13);
    const own = (owner: number): Passing => ({ text, own: owner });
    const texts = [1, 2, 3, 4].map((owner) => [owner, text] as const);
    expect(hitsOf(indexed(texts, [[own(1), own(2)]]))).toEqual([]);
    expect(indexed(texts, [[own(1), own(2), own(3), { text }]])).toEqual({
      hits: new Map([1, 2, 3, 4].map((owner) => [owner, 1])),
      exempt: 0,
    });
    expect(indexed(texts, [[own(1), own(2), own(3), own(4), { text }]])).toEqual({ hits: new Map(), exempt: 1 });
  });

  test.each([
    // documents of the source, of them with the n-gram, whether it is boilerplate
    [4, 4, false],
    [5, 5, true],
    [300, 4, false],
    [300, 5, true],
    [499, 5, true],
    [500, 5, true],
    [501, 5, false],
    [501, 6, true],
    [600, 6, true],
    [601, 6, false],
    [601, 7, true],
    [2900, 28, false],
    [2900, 29, true],
  ])("of %d documents, %d make boilerplate: %s", (documents, having, isBoilerplate) => {
    const [text, other] = [words(0, 13), words(100, 120)];
    const passing = Array.from({ length: documents }, (_, at) => ({ text: at < having ? `${text} ${text}` : other }));
    const overlap = indexed([[1, text]], [passing]);
    expect(overlap.exempt).toBe(isBoilerplate ? 1 : 0);
    expect(overlap.hits.size).toBe(isBoilerplate ? 0 : 1);
  });

  test("reckons by each source alone, but what is boilerplate in one is so in all", () => {
    const [text, other] = [{ text: words(0, 13) }, { text: words(50, 63) }];
    const texts = [
      [1, text.text],
      [2, other.text],
    ] as const;
    const four = [text, text, text, text];
    expect(indexed(texts, [four, four]).exempt).toBe(0);
    expect(
      indexed(texts, [
        [text, other],
        [...four, text],
      ]),
    ).toEqual({ hits: new Map([[2, 1]]), exempt: 1 });
  });

  test("takes the announced number of documents, for those that are too short to pass", () => {
    const index = new NgramIndex();
    index.protect(1, reader.read(words(0, 13)));
    passAll(
      index,
      Array.from({ length: 5 }, () => ({ text: words(0, 13) })),
      501,
    );
    expect(index.result()).toEqual({ hits: new Map([[1, 1]]), exempt: 0 });
  });

  test("finds in later sources what is protected later", () => {
    const index = new NgramIndex();
    const [early, late] = [words(0, 13), words(20, 33)];
    index.protect(1, reader.read(early));
    passAll(index, [{ text: early }, { text: late }]);
    index.protect(2, reader.read(late));
    expect(hitsOf(index.result())).toEqual([[1, 1]]);
    passAll(index, [{ text: late }]);
    expect(hitsOf(index.result())).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  test("takes another length", () => {
    const index = new NgramIndex(3);
    index.protect(1, reader.read("a b c d"));
    passAll(index, [{ text: "x b c d y" }, { text: "a b" }]);
    expect(hitsOf(index.result())).toEqual([[1, 1]]);
  });

  test("calls in a wrong order are bugs", () => {
    const index = new NgramIndex();
    const none = reader.read("");
    expect(() => index.pass(none)).toThrow("Internal error");
    expect(() => index.endSource()).toThrow("Internal error");
    index.beginSource(1);
    expect(() => index.beginSource(1)).toThrow("Internal error");
    expect(() => index.protect(1, none)).toThrow("Internal error");
  });
});

test("countNgrams counts repeated ones", () => {
  expect([0, 12, 13, 14, 40].map((count) => countNgrams(reader.read("a ".repeat(count))))).toEqual([0, 0, 1, 2, 28]);
  expect(countNgrams(reader.read("a b c"), 2)).toBe(2);
});
