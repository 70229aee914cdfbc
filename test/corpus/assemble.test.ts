import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { err, ok } from "../../src/base/result.ts";
import type { Corpus } from "../../src/corpus/assemble.ts";
import type { DescribedText } from "../../src/corpus/manifest.ts";
import type { Tokenize } from "../../src/corpus/measured.ts";
import {
  type Asked,
  type RawFiles,
  assembleRaw,
  assembled,
  filesSource,
  manyFiles,
  numberedGrammar,
  promptsSource,
  request,
  shardsOf,
  subwords,
  textOf,
  tokensOf,
  weighted,
  words,
  wordsWithoutBos,
} from "./texts.ts";

const notes = manyFiles("notes", 40, 40, { share: 0.6 });
const prompts = promptsSource("prompts", numberedGrammar(20), { share: 0.4 });
const code = manyFiles("code", 10, 40, { domain: "code", share: 0.2 });
const mixed = request([notes, prompts, code]);

const splitTexts = ({ holdout, search, calibration }: Corpus): string[] => [
  holdout.map(({ text }) => text).join("\n"),
  search.text,
  [...calibration.values()].map(({ text }) => text).join("\n"),
];
/** The documents of each split, by the marks that their words carry. */
const marks = (corpus: Corpus, mark: RegExp): Set<string>[] =>
  splitTexts(corpus).map((text) => new Set([...text.matchAll(mark)].map(([found]) => found)));
const overlap = (sets: readonly Set<string>[]): string[] =>
  sets.flatMap((set, index) => sets.slice(index + 1).flatMap((other) => [...set].filter((each) => other.has(each))));
const shortOf = async (asked: Asked, tokenize: Tokenize = words): Promise<unknown> => {
  const corpus = await assembleRaw(asked, tokenize);
  return corpus.ok ? "enough" : corpus.error;
};

describe("assemble", () => {
  test("gives the same bytes for the same seed, and others for another", async () => {
    const first = await assembled(mixed);
    expect(await assembled(structuredCloneRequest(mixed))).toEqual(first);
    expect(splitTexts(await assembled({ ...mixed, seed: 8 }))).not.toEqual(splitTexts(first));
  });

  test("gives the same bytes in whatever order the files come, as long as none is a copy of another", async () => {
    const turned = request([{ ...notes, files: notes.files.toReversed() }, prompts, code]);
    expect(await assembled(turned)).toEqual(await assembled(mixed));
  });

  test("puts no document, and no template, into two splits, for any texts and needs", async () => {
    const needs = fc.record({
      lengths: fc.array(fc.integer({ min: 15, max: 120 }), { minLength: 60, maxLength: 80 }),
      unit: fc.integer({ min: 16, max: 60 }),
      shards: fc
        .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })
        .map((sizes) => shardsOf("medical", sizes)),
      searchUnits: fc.integer({ min: 0, max: 4 }),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(needs, async ({ lengths, ...change }) => {
        const texts = Object.fromEntries(lengths.map((length, at) => [`${at}`, textOf(`doc${at}`, length)]));
        const corpus = await assembled(
          request([filesSource("notes", texts, { share: 0.5 }), prompts], change),
          subwords,
        );
        expect(overlap(marks(corpus, /doc\d+w/g))).toEqual([]);
        expect(overlap(marks(corpus, /\bt\d+x/g))).toEqual([]);
        expect(marks(corpus, /\bt\d+x|doc\d+w/g)[0]?.size).toBeGreaterThan(0);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    ["words", words, 0],
    ["words without BOS", wordsWithoutBos, 1],
    ["subwords", subwords, 4],
  ])("describes with %s what the finished texts hold, unit by unit", async (_, tokenize, foreign) => {
    const { holdout, search, manifest } = await assembled(mixed, tokenize);
    expect(manifest.holdout.map(({ units }) => units.length)).toEqual([2, 3]);
    expect(manifest.search.units).toHaveLength(2);
    for (const { text, described } of [...holdout, search]) {
      const { ids } = await tokensOf(text, tokenize);
      expect(described).toMatchObject({
        sha256: sha256(text),
        bytes: Buffer.byteLength(text),
        tokens: ids.length,
        positions: "exact",
      });
      for (const [index, unit] of described.units.entries()) {
        const own = ids.subarray(index * 32, (index + 1) * 32);
        // Search text has no spare window, so the white space that is cut off its end may cost it a token.
        expect(own.length).toBeGreaterThanOrEqual(text === search.text ? 31 : 32);
        expect(unit.sha256).toBe(sha256(own.join(",")));
        expect(unit.foreignTokens).toBeLessThanOrEqual(foreign);
        expect(unit.documents.length).toBeGreaterThan(0);
      }
      expect(described.documents).toBe(documentsOf(described).size);
    }
    expect(manifest.holdout).toEqual(holdout.map(({ domain, described }) => ({ domain, ...described })));
  });

  test("lists for a unit the very documents whose words it holds", async () => {
    const { holdout } = await assembled(request([notes]));
    for (const { text, described } of holdout) {
      const all = text.split(/\s+/);
      for (const [index, { documents }] of described.units.entries()) {
        const own = all.slice(index * 32 - (index === 0 ? 0 : 1), (index + 1) * 32 - 1);
        const named = new Set(own.map((word) => `${word.slice(0, word.indexOf("w"))}.txt`));
        expect(new Set(documents.map(({ name }) => name))).toEqual(named);
      }
    }
  });

  test("keeps the digest of a unit when a later document changes", async () => {
    const first = await assembled(request([notes]));
    const last = first.manifest.holdout[1]?.units[2]?.documents.at(-1)?.name;
    const files = notes.files.map((file) =>
      file.name === last ? { ...file, bytes: Buffer.from(textOf("edited", 40)) } : file,
    );
    const second = await assembled(request([{ ...notes, files }]));
    expect(second.manifest.holdout[0]).toEqual(first.manifest.holdout[0]);
    expect(second.manifest.holdout[1]?.units.slice(0, 2)).toEqual(first.manifest.holdout[1]?.units.slice(0, 2));
    expect(second.manifest.holdout[1]?.units[2]).not.toEqual(first.manifest.holdout[1]?.units[2]);
  });

  test("keeps the holdout when a document behind it comes, goes or changes", async () => {
    const first = await assembled(request([notes]));
    const held = new Set(first.manifest.holdout.flatMap((text) => [...documentsOf(text)]));
    const behind = notes.files.find(({ name }) => !held.has(name))!;
    const edited = notes.files.map((file) =>
      file === behind ? { ...file, bytes: Buffer.from(textOf("typo", 40)) } : file,
    );
    for (const files of [notes.files.filter((file) => file !== behind), edited])
      expect((await assembled(request([{ ...notes, files }]))).holdout).toEqual(first.holdout);
  });

  test("gives each validated source its part of every split, spread over the shards", async () => {
    const { manifest } = await assembled(
      request([notes, prompts, code], { shards: shardsOf("medical", [5, 5]), searchUnits: 5 }),
    );
    const sourcesOf = ({ units }: DescribedText): string[] =>
      units.map(({ documents }) => documents.at(-1)?.source ?? "");
    for (const text of [...manifest.holdout, manifest.search])
      expect(sourcesOf(text).sort()).toEqual(["notes", "notes", "notes", "prompts", "prompts"]);
    expect(manifest.sources.map(({ id, read }) => [id, read > 0])).toEqual([
      ["notes", true],
      ["prompts", true],
      ["code", true],
    ]);
  });

  test("ends every shard with a window that nobody needs", async () => {
    for (const tokenize of [words, subwords]) {
      const { holdout } = await assembled(request([notes], { shards: shardsOf("medical", [1, 2, 4]) }), tokenize);
      for (const [index, { described }] of holdout.entries())
        expect(described.tokens).toBeGreaterThanOrEqual(([1, 2, 4][index]! + 1) * 32);
    }
  });

  test("packs for each source the windows that are asked, by the real count of tokens, and two at least", async () => {
    // Documents of all lengths, so that some end just where the text should.
    const texts = (length: number): RawFiles => manyFiles("notes", 60, length);
    for (const tokenize of [words, wordsWithoutBos, subwords])
      for (let length = 13; length < 40; length += 3)
        for (const chunks of [1, 2, 5]) {
          const asked = request([texts(length)], { calibration: [{ id: "notes", chunks }], searchUnits: 0 });
          const { calibration, manifest } = await assembled(asked, tokenize);
          const { ids } = await tokensOf(calibration.get("notes")?.text ?? "", tokenize);
          expect(ids.length).toBeGreaterThanOrEqual(Math.max(chunks, 2) * 32);
          expect(manifest.calibration).toMatchObject([{ source: "notes", tokens: ids.length, units: [] }]);
        }
  });

  test("packs enough even when positions can only be estimated", async () => {
    // Short words in the first half of all text, long ones in the second: an even estimate is far off.
    const estimated: Tokenize = async (text) => {
      const tokens = await tokensOf(text);
      const bytes = Buffer.byteLength(text);
      const even = tokens.ids.map((_, index) => Math.round(((index + 1) * bytes) / tokens.ids.length));
      return ok({ ids: tokens.ids, ends: Uint32Array.from(even), exact: false });
    };
    const sources = [
      manyFiles("a", 40, 60),
      filesSource("long", { "x.txt": "pneumonoultramicroscopic ".repeat(400) }, { domain: "other" }),
    ];
    const { calibration, manifest } = await assembled(request(sources), estimated);
    for (const { text } of calibration.values()) expect((await tokensOf(text)).ids.length).toBeGreaterThanOrEqual(96);
    expect(manifest.calibration.map(({ positions }) => positions)).toEqual(["estimated", "estimated"]);
  });

  test("makes enough prompts for the two windows that a single one needs", async () => {
    const asked = request([notes, prompts], { calibration: [{ id: "prompts", chunks: 1 }], calibrationContext: 512 });
    const { calibration } = await assembled(asked);
    expect((await tokensOf(calibration.get("prompts")?.text ?? "")).ids.length).toBeGreaterThanOrEqual(1024);
  });

  test("makes no search text when none is asked", async () => {
    const { search } = await assembled(request([notes], { searchUnits: 0 }));
    expect(search.text).toBe("");
    expect(search.described.units).toEqual([]);
  });

  test("drops copies across sources and says how many", async () => {
    const again = { ...manyFiles("notes", 45, 40), id: "again", domain: "code" };
    const { manifest } = await assembled(request([notes, again]));
    expect(manifest.sources.map(({ dropped }) => dropped["duplicate"])).toEqual([0, 40]);
  });
});

const documentsOf = ({ units }: DescribedText): Set<string> =>
  new Set(units.flatMap(({ documents }) => documents.map(({ name }) => name)));

const structuredCloneRequest = (asked: Asked): Asked => ({
  ...asked,
  sources: asked.sources.map((source) => structuredClone(source)),
});

describe("a source that is too short", () => {
  const few = (count: number, length = 40): RawFiles => manyFiles("notes", count, length);

  test("is named with what the holdout needs and what of it could be packed", async () => {
    // Every unit uses one document of 40 words and drops its end.
    expect(await shortOf(request([few(4)]))).toEqual({
      reason: "corpus-short",
      source: "notes",
      split: "holdout",
      wanted: 160,
      // Two units with a BOS in the first shard, then two more.
      available: 128,
    });
  });

  test("is named for the search split when only that is short", async () => {
    expect(await shortOf(request([few(6)]))).toMatchObject({ split: "search", wanted: 64, available: 32 });
  });

  test("is named for calibration when only that is short", async () => {
    expect(await shortOf(request([few(8)]))).toMatchObject({
      source: "notes",
      split: "calibration",
      wanted: 96,
      available: 41,
    });
    expect(await shortOf(request([few(7)]))).toMatchObject({ split: "calibration", wanted: 96, available: 1 });
    expect(await shortOf(request([few(10)]))).toBe("enough");
  });

  test("is the one that ran out, and its own needs count", async () => {
    const other = manyFiles("other", 2, 40, { share: 1 });
    const asked = request([manyFiles("notes", 30, 40), other], {
      shards: shardsOf("medical", [4, 4]),
      calibration: [],
    });
    expect(await shortOf(asked)).toMatchObject({ source: "other", split: "holdout", wanted: 128, available: 64 });
  });

  test("never has as much as is wanted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 15, max: 90 }), async (count, length) => {
        for (const tokenize of [words, wordsWithoutBos, subwords]) {
          const corpus = await assembleRaw(request([manyFiles("notes", count, length)]), tokenize);
          if (corpus.ok) continue;
          if (corpus.error.reason !== "corpus-short") throw new Error(corpus.error.reason);
          expect(corpus.error.available).toBeLessThan(corpus.error.wanted);
          expect(corpus.error.available).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("is a grammar with too few templates to divide, when nothing else can be held out", async () => {
    const tiny = promptsSource("prompts", { templates: weighted(["{a} {b}"]), slots: numberedGrammar(1).slots });
    expect(await shortOf(request([tiny, code]))).toEqual({
      reason: "corpus-short",
      source: "prompts",
      split: "holdout",
      wanted: 224,
      available: 0,
    });
  });
});

describe("trouble on the way", () => {
  test("with a file is named by source and file", async () => {
    const spoilt = filesSource("notes", { "sub/a.txt": "x\0" });
    expect(await shortOf(request([spoilt]))).toEqual({
      reason: "corpus-unreadable",
      count: 1,
      files: [{ source: "notes", file: "sub/a.txt", why: expect.stringMatching(/NUL/) as string }],
    });
  });

  test("with the tokenizer is handed on, whenever it comes", async () => {
    const failure = {
      reason: "tool-incomplete",
      tool: "llama-tokenize",
      step: "corpus",
      missing: "x",
      attempts: 3,
      log: "l",
    };
    const after = async (good: number): Promise<{ calls: number; ended: unknown }> => {
      let calls = 0;
      const failing: Tokenize = (text) => {
        calls += 1;
        return calls > good ? Promise.resolve(err(failure as never)) : words(text);
      };
      const ended = await shortOf(request([notes]), failing);
      return { calls, ended };
    };
    const { calls, ended } = await after(Infinity);
    expect(ended).toBe("enough");
    expect(calls).toBeGreaterThan(4);
    for (let good = 0; good < calls; good += 1) expect((await after(good)).ended, `after ${good}`).toEqual(failure);
  });
});
