import { describe, expect, test } from "vitest";
import { parsePipeline } from "../../src/pipeline/load.ts";
import { brief, good, memoryReader, pipelineFile, problemsOf, withMistake, world } from "./memory-reader.ts";

const few = "templates: [A, B, C]\n";
const add = "a document fills one unit at most: add documents to the domain";

/** The good pipeline with a domain of so many plain texts of so many bytes, and a grammar that holds nothing out. */
const withTexts = (count: number, bytes: number): Readonly<Record<string, string>> => ({
  "/home/ada/models/pocket-f16.gguf": "",
  "/home/ada/corpora/general/c.txt": "c",
  "/home/ada/corpora/medical/prompts.yaml": few,
  ...Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`/home/ada/corpora/medical/notes/${index}.txt`, "x".repeat(bytes)]),
  ),
});

const said = async (files: Readonly<Record<string, string>>, ...changes: readonly (readonly [string, string])[]) =>
  brief(await problemsOf(withMistake(...changes), files));

const needed = (most: number, unit = 512): string =>
  `«medical» the text of domain \`medical\` gives at most ${most} units of ${unit} tokens, and 16 are needed (${add}, or make \`unit\` shorter)`;

const asked = (most: number, at: string, all = 40): string =>
  `«${at}» the text of domain \`medical\` gives at most ${most} units of 512 tokens, and ${all} units are asked for (${all - 8} are held out and 8 are for search; ${add}, or ask for fewer units)`;

describe("a domain with too little text is refused", () => {
  test.each([
    [1, 100_000, [needed(1)]],
    [15, 100_000, [needed(15)]],
    [16, 100_000, [asked(16, "32")]],
    [39, 512, [asked(39, "32")]],
    [40, 512, []],
    [40, 511, []],
    // A byte may become three, and a document's end is a token of its own.
    [40, 170, []],
    [40, 150, [asked(35, "32")]],
    [100, 30, [asked(17, "32")]],
    [100, 21, [needed(0)]],
    [100, 22, [needed(13)]],
    [100, 0, [needed(0)]],
  ])("%d texts of %d bytes", async (count, bytes, expected) => {
    expect(await said(withTexts(count, bytes))).toEqual(expected);
  });

  test("as many as are asked for without being written", async () => {
    const lines = await said(withTexts(20, 5000), ["units: 32, ", ""]);
    expect(lines).toEqual([asked(20, "validate", 136)]);
  });

  test("in units of the default length", async () => {
    expect(await said(withTexts(20, 30), [", unit: 512", ""])).toEqual([needed(0, 2048)]);
  });

  test("with texts of all its sources, whether they calibrate or not", async () => {
    const held = [
      "files: ../corpora/general/*.txt, domain: general",
      "files: ../corpora/more/*, domain: medical",
    ] as const;
    const more = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`/home/ada/corpora/more/${index}`, "x".repeat(600)]),
    );
    expect(await said({ ...withTexts(19, 600), ...more }, held)).toEqual([asked(39, "32")]);
    expect(await said({ ...withTexts(20, 600), ...more }, held)).toEqual([]);
    const only = ["share: 30%", "share: 30%, holdout-only: true"] as const;
    const rest = ["share: 50%", "share: 80%"] as const;
    expect(await said({ ...withTexts(19, 600), ...more }, held, only, rest)).toEqual([asked(39, "32")]);
  });

  test("where it has nothing but prompts that cannot be held out", async () => {
    const files = { ...withTexts(0, 0), "/home/ada/corpora/medical/notes/a.txt": "" };
    expect(await said(files, ["domain: medical, share: 50%", "domain: notes, share: 50%"])).toEqual([needed(0)]);
  });

  test("without short documents, which are dropped", async () => {
    const texts = withTexts(100, 100);
    expect(await said(texts)).toEqual([]);
    expect(await said(texts, ["seed: 7", "hygiene: { min-length: 301 }"])).toEqual([needed(0)]);
    expect(await said(withTexts(2000, 21), ["seed: 7", "hygiene: { min-length: 0 }"])).toEqual([]);
  });

  test("not by the number of documents where a long word alone may fill a unit", async () => {
    const texts = withTexts(12, 5000);
    const short = ["unit: 512, context: 512", "unit: 16, context: 16"] as const;
    expect(await said(texts, short)).toEqual([]);
  });
});

describe("each domain that decides", () => {
  const both = ["domain: medical, units", "domain: [medical, general], units"] as const;
  const byTolerance = [
    ["domain: medical, units", "units"],
    ["tolerance: chat", "tolerance: { general: 2%, medical: chat }"],
  ] as const;
  const texts = (medical: number, general: number) => ({
    ...withTexts(medical, 600),
    ...Object.fromEntries(
      Array.from({ length: general }, (_, index) => [`/home/ada/corpora/general/${index}.txt`, "x".repeat(600)]),
    ),
  });
  const of = (domain: string, line: string): string => line.replaceAll("medical", domain);

  test("fills its units and those of search by itself", async () => {
    expect(await said(texts(40, 40), both)).toEqual([]);
    expect(await said(texts(40, 39), both)).toEqual([of("general", asked(39, "32"))]);
    expect(await said(texts(15, 39), both)).toEqual([needed(15), of("general", asked(39, "32"))]);
    expect(await said(texts(100, 39), both)).toEqual([of("general", asked(39, "32"))]);
  });

  test("is told where it is named, by a list or by the tolerance", async () => {
    expect(await said(texts(3, 3), both)).toEqual([needed(3), of("general", needed(3))]);
    expect(await said(texts(3, 4), ...byTolerance)).toEqual([of("general", needed(4)), needed(3)]);
    expect(await said(texts(39, 40), ...byTolerance)).toEqual([asked(39, "32")]);
  });

  test("is told at its name where nothing is said of units", async () => {
    const line = "validate: { domain: medical, units: 32, unit: 512, context: 512, kv: f16 }\n";
    const [, tolerance] = byTolerance;
    const lines = await said(withTexts(200, 3000), [line, ""], tolerance);
    expect(lines).toEqual([of("general", needed(0, 2048))]);
    const more = await said(texts(20, 200), [line, ""], tolerance);
    expect(more).toEqual([asked(17, "medical", 136).replace("512", "2048")]);
  });

  test("is not judged where its text may be anything", async () => {
    const lines = ["general/*.txt", "general/*.txt, format: lines"] as const;
    expect(await said(texts(40, 1), both, lines)).toEqual([]);
    expect(await said(texts(39, 1), both, lines)).toEqual([asked(39, "32")]);
  });
});

describe("nothing is said where it is not certain", () => {
  test.each([
    [
      "a grammar of ten templates",
      withMistake(),
      { "/home/ada/corpora/medical/prompts.yaml": "templates: [A,B,C,D,E,F,G,H,I,J]\n" },
    ],
    ["lines", withMistake(["notes/**/*.txt", "notes/**/*.txt, format: lines"]), {}],
    ["jsonl", withMistake(["notes/**/*.txt", "notes/**/*.txt, format: jsonl"]), {}],
    ["csv by name", withMistake(["notes/**/*.txt", "notes/**/*"]), { "/home/ada/corpora/medical/notes/t.csv": "" }],
    [
      "compressed text",
      withMistake(["notes/**/*.txt", "notes/**/*"]),
      { "/home/ada/corpora/medical/notes/t.txt.gz": "" },
    ],
    ["a pipe", withMistake(["files: ../corpora/medical/notes/**/*.txt", "stdin: text"]), {}],
    ["a program", withMistake(["files: ../corpora/medical/notes/**/*.txt", "command: [x]"]), {}],
    ["chats", withMistake(["files: ../corpora/medical/notes", "chats: ../corpora/medical/notes"]), {}],
  ])("with %s", async (_, text, more) => {
    expect(brief(await problemsOf(text, { ...withTexts(3, 100), ...more }))).toEqual([]);
  });

  test.each([
    ["a glob that matches nothing", "notes/**/*.txt", "nots/**/*.txt"],
    ["a format that is wrong", "notes/**/*.txt", "notes/**/*.txt, format: txt"],
    ["a length of units that is wrong", "unit: 512", "unit: 5"],
    ["a domain that is wrong", "domain: general", "domain: General"],
    ["a domain of no source", "validate: { domain: medical", "validate: { domain: law"],
    ["a grammar that is wrong", "unit: 512", "unit: 512", "templates: []\n"],
  ])("with %s, which is told alone", async (_, from, to, grammar = few) => {
    const files = { ...withTexts(3, 100), "/home/ada/corpora/medical/prompts.yaml": grammar };
    const lines = await said(files, [from, to]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("gives at most");
  });

  test("with text whose size says nothing", async () => {
    const reader = {
      ...memoryReader(withTexts(40, 1)),
      sizes: async (paths: readonly string[]) => paths.map(() => Infinity),
    };
    expect((await parsePipeline(pipelineFile, good, reader)).ok).toBe(true);
  });
});

test("no more sizes are asked for than are needed", async () => {
  let looked = 0;
  const texts = withTexts(5000, 1);
  const base = memoryReader({ ...world, ...texts });
  const sizes = async (paths: readonly string[]) => {
    looked += paths.length;
    return paths.map(() => 512);
  };
  expect((await parsePipeline(pipelineFile, good, { ...base, sizes })).ok).toBe(true);
  expect(looked).toBe(1000);
});
