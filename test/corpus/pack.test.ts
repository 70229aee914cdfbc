import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { measure, type Tokenize } from "../../src/corpus/measured.ts";
import { DocumentStream, packUnits, withSpareWindow } from "../../src/corpus/pack.ts";
import { subwords, textOf, tokensOf, words, wordsWithoutBos } from "./texts.ts";

const streamOf = async (lengths: readonly number[], tokenize: Tokenize = words): Promise<DocumentStream> => {
  const documents = lengths.map((length, index) => {
    const name = `d${index}`;
    return { source: "notes", group: name, name, text: textOf(name, length) };
  });
  const measured = await measure(documents, tokenize);
  if (!measured.ok) throw new Error("not measured");
  return new DocumentStream("notes", measured.value);
};
const units = (stream: DocumentStream, count: number): DocumentStream[] => Array.from({ length: count }, () => stream);
const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 40, maxLength: 60 });

describe("measure", () => {
  test("counts each document's tokens with its separator, and BOS to none", async () => {
    const documents = ["aa bb", "cc", "dd ee ff"].map((text, index) => ({
      source: "s",
      group: `${index}`,
      name: `${index}`,
      text,
    }));
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
    const measured = await measure(
      [
        { source: "s", group: "g", name: "n", text },
        { source: "s", group: "h", name: "m", text: "x y" },
      ],
      words,
    );
    const packed = packUnits([new DocumentStream("s", measured.ok ? measured.value : [])], 8, 1);
    const bytes = Buffer.from(packed.text);
    expect(packed.pieces.map(({ start, end }) => bytes.subarray(start, end).toString())).toEqual([text, "x y"]);
  });

  test("cuts between two characters where no word ends", async () => {
    const tokenize = subwords;
    const measured = await measure([{ source: "s", group: "g", name: "n", text: "漢".repeat(500) }], tokenize);
    const packed = packUnits([new DocumentStream("s", measured.ok ? measured.value : [])], 20, 1);
    expect(packed.text).toMatch(/^漢+$/);
    expect((await tokensOf(packed.text, tokenize)).ids.length).toBeGreaterThanOrEqual(20);
  });

  test("says which unit of which source is not full, and how far it came", async () => {
    const stream = await streamOf([30, 30]);
    expect(packUnits(units(stream, 3), 20, 1).missing).toEqual({ source: "notes", unit: 2, tokens: 0 });
    expect(packUnits(units(await streamOf([12]), 1), 20, 1).missing).toEqual({ source: "notes", unit: 0, tokens: 13 });
  });
});

describe("DocumentStream", () => {
  test("gives each document once, and a fork gives the rest once more", async () => {
    const stream = await streamOf([1, 2, 3]);
    const name = (from: DocumentStream): string | undefined => from.take()?.document.name;
    expect(name(stream)).toBe("d0");
    const fork = stream.fork();
    expect([name(fork), name(fork), name(fork), name(fork)]).toEqual(["d1", "d2", undefined, undefined]);
    expect([name(stream), name(stream), name(stream)]).toEqual(["d1", "d2", undefined]);
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
