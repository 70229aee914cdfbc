import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { measure, type MeasurableText, type MeasuredDocument, type Tokenize } from "../../src/corpus/measured.ts";
import { packUnits, withSpareWindow } from "../../src/corpus/pack.ts";
import type { TextStream } from "../../src/corpus/streams.ts";
import { subwords, textOf, tokensOf, words, wordsWithoutBos } from "./texts.ts";

const textsOf = (texts: readonly string[]): MeasurableText[] =>
  texts.map((text, document) => {
    const name = `d${document}`;
    return { document, source: "notes", group: name, name, bytes: Buffer.from(text) };
  });
const measured = async (texts: readonly string[], tokenize: Tokenize): Promise<MeasuredDocument[]> => {
  const all = await measure(textsOf(texts), tokenize);
  if (!all.ok) throw new Error("not measured");
  return all.value;
};
/** Documents one after the other, each once. */
const streamOver = (documents: readonly MeasuredDocument[]): TextStream => {
  let next = 0;
  return {
    source: "notes",
    take: () => {
      next += 1;
      return documents[next - 1];
    },
    starved: () => undefined,
  };
};
const streamOf = async (lengths: readonly number[], tokenize: Tokenize = words): Promise<TextStream> =>
  streamOver(
    await measured(
      lengths.map((length, index) => textOf(`d${index}`, length)),
      tokenize,
    ),
  );
const units = (stream: TextStream, count: number): TextStream[] => Array.from({ length: count }, () => stream);
const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 40, maxLength: 60 });

describe("measure", () => {
  test("counts each document's tokens with its separator, and BOS to none", async () => {
    const documents = textsOf(["aa bb", "cc", "dd ee ff"]);
    const byWords = await measure(documents, words);
    const bySubwords = await measure(documents, subwords);
    expect(byWords.ok && byWords.value.map(({ tokens }) => tokens)).toEqual([2, 1, 3]);
    expect(bySubwords.ok && bySubwords.value.map(({ tokens }) => tokens)).toEqual([3, 2, 4]);
    expect(byWords.ok && [...(byWords.value[2]?.ends ?? [])]).toEqual([2, 5, 8]);
  });
});

describe("packUnits", () => {
  test.each([
    ["words", words, 1],
    ["words without BOS", wordsWithoutBos, 0],
    ["subwords", subwords, 1],
  ])(
    "fills every unit to the token with %s, and overlaps with a neighbour by a word at most",
    async (_, tokenize, leading) => {
      await fc.assert(
        fc.asyncProperty(lengths, fc.integer({ min: 16, max: 50 }), async (sizes, unit) => {
          const packed = packUnits(units(await streamOf(sizes, tokenize), 8), unit, leading);
          expect(packed.missing).toBeUndefined();
          const { ends } = await tokensOf(packed.text, tokenize);
          for (const piece of packed.pieces) {
            const inside = [...ends].flatMap((end, token) => (end > piece.start && end <= piece.end ? [token] : []));
            const wrong = inside.filter((token) => Math.floor(token / unit) !== piece.unit);
            expect(wrong.length).toBeLessThanOrEqual(tokenize === subwords ? 4 : 0);
          }
          expect(ends.length).toBeGreaterThanOrEqual(8 * unit - 1);
        }),
        { numRuns: 30 },
      );
    },
  );

  test("takes each document for one unit only and drops the rest of it", async () => {
    const packed = packUnits(units(await streamOf([5, 100, 3, 100]), 2), 20, 1);
    expect(packed.pieces.map(({ name, unit }) => [name, unit])).toEqual([
      ["d0", 0],
      ["d1", 0],
      ["d2", 1],
      ["d3", 1],
    ]);
    expect(packed.text).toBe([textOf("d0", 5), textOf("d1", 14), textOf("d2", 3), textOf("d3", 17)].join("\n\n"));
  });

  test("says where each piece lies, in bytes", async () => {
    const text = "ä ö ü ß 漢字";
    const packed = packUnits([streamOver(await measured([text, "x y"], words))], 8, 1);
    const bytes = Buffer.from(packed.text);
    expect(packed.pieces.map(({ start, end }) => bytes.subarray(start, end).toString())).toEqual([text, "x y"]);
  });

  test("cuts between two characters where no word ends", async () => {
    const tokenize = subwords;
    const packed = packUnits([streamOver(await measured(["漢".repeat(500)], tokenize))], 20, 1);
    expect(packed.text).toMatch(/^漢+$/);
    expect((await tokensOf(packed.text, tokenize)).ids.length).toBeGreaterThanOrEqual(20);
  });

  test("says which unit of which source is not full, and how far it came", async () => {
    const stream = await streamOf([30, 30]);
    expect(packUnits(units(stream, 3), 20, 1).missing).toEqual({
      source: "notes",
      unit: 2,
      tokens: 0,
      starved: undefined,
    });
    expect(packUnits(units(await streamOf([12]), 1), 20, 1).missing).toEqual({ source: "notes", unit: 0, tokens: 13 });
  });
});

describe("withSpareWindow", () => {
  test.each([1, 2, 3, 16])("adds a whole window behind a shard of %d units of one window", async (count) => {
    for (const tokenize of [words, subwords]) {
      const packed = packUnits(
        units(
          await streamOf(
            Array.from({ length: 60 }, () => 20),
            tokenize,
          ),
          count,
        ),
        32,
        1,
      );
      const spare = withSpareWindow(packed);
      expect((await tokensOf(spare.text, tokenize)).ids.length).toBeGreaterThanOrEqual((count + 1) * 32);
      expect(spare.text.startsWith(packed.text)).toBe(true);
      expect(spare.pieces).toEqual(packed.pieces);
    }
  });
});
