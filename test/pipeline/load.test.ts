import { describe, expect, test } from "vitest";
import { loadPipeline, parsePipeline } from "../../src/pipeline/load.ts";
import { brief, good, memoryReader, pipelineFile, problemsOf, withMistake, world } from "./memory-reader.ts";

/** What a source has of which its mapping says nothing. */
const usual = { license: null, maxTokens: null, holdoutOnly: false };
const usualRecords = { format: "auto", field: null, group: null };

describe("a good pipeline", () => {
  test("loads with numbers, absolute paths and named files", async () => {
    const loaded = await loadPipeline(pipelineFile, memoryReader({ ...world, [pipelineFile]: good }));
    if (!loaded.ok) throw new Error("not loaded");
    expect(loaded.value.warnings).toEqual([]);
    expect(loaded.value.pipeline).toEqual({
      name: "medical",
      file: pipelineFile,
      model: "/home/ada/models/pocket-f16.gguf",
      llamaCpp: { version: ">=0.5", backend: "cpu" },
      corpus: {
        seed: 7,
        searchUnits: 8,
        short: "refuse",
        overlapLimit: 0.1,
        hygiene: {
          nfc: true,
          controlCharacters: true,
          boilerplate: true,
          minLength: 64,
          maxLength: 4_000_000,
          languages: null,
          duplicates: true,
          nearDuplicates: true,
          secrets: true,
          unreadable: "refuse",
        },
        sources: [
          {
            kind: "files",
            id: "notes",
            domain: "medical",
            share: 0.5,
            ...usual,
            ...usualRecords,
            files: [
              { path: "/home/ada/corpora/medical/notes/a.txt", name: "a.txt" },
              { path: "/home/ada/corpora/medical/notes/deep/b.txt", name: "deep/b.txt" },
            ],
          },
          {
            kind: "prompts",
            id: "prompts",
            domain: "medical",
            share: 0.2,
            ...usual,
            file: "/home/ada/corpora/medical/prompts.yaml",
          },
          {
            kind: "files",
            id: "general",
            domain: "general",
            share: 0.3,
            ...usual,
            ...usualRecords,
            files: [{ path: "/home/ada/corpora/general/c.txt", name: "c.txt" }],
          },
        ],
      },
      imatrix: { chunks: 32, perSource: 32, context: 512, coverage: null, import: null },
      quantize: { types: ["Q8_0", "Q6_K"], dominated: "drop" },
      validate: { domains: ["medical"], units: 32, unit: 512, context: 512, kv: "f16", logitsDisk: null },
      select: {
        mode: "ladder",
        plannedReruns: 0,
        tolerances: [
          { domain: "medical", name: "chat", ppl: 0.03, pplDelta: null, kld: 0.06, sameTop: null, confidence: 0.95 },
        ],
        warn: { p99Kld: null },
      },
      fit: null,
      card: { baseModel: null, quantizedBy: null, license: null, tags: [] },
      timeouts: { stall: 600 },
    });
    expect([...loaded.value.grammars.keys()]).toEqual(["/home/ada/corpora/medical/prompts.yaml"]);
  });

  test("has a default for everything that is not named", async () => {
    const text = `name: small
model: ../models/pocket-f16.gguf
corpus: { sources: [{ id: a, files: ../corpora/general/records.jsonl, domain: general, share: 100% }] }
quantize: { types: [Q4_K] }
validate: { domain: general }
select: { tolerance: { ppl: 2% } }
`;
    const loaded = await parsePipeline(pipelineFile, text, memoryReader(world));
    if (!loaded.ok) throw new Error("not loaded");
    const { pipeline } = loaded.value;
    expect(pipeline.llamaCpp).toEqual({ version: ">=0.5", backend: "auto" });
    expect(pipeline.corpus).toMatchObject({ seed: 1, searchUnits: 8 });
    expect(pipeline.imatrix).toEqual({ chunks: 128, perSource: 128, context: 512, coverage: null, import: null });
    expect(pipeline.quantize).toEqual({ types: ["Q4_K_M"], dominated: "drop" });
    expect(pipeline.validate).toEqual({
      domains: ["general"],
      units: 128,
      unit: 2048,
      context: 512,
      kv: "f16",
      logitsDisk: null,
    });
    expect(pipeline.timeouts).toEqual({ stall: 600 });
    expect(pipeline.select).toEqual({
      mode: "ladder",
      plannedReruns: 0,
      tolerances: [
        {
          domain: "general",
          name: "custom",
          ppl: 0.02,
          pplDelta: null,
          kld: 2 * Math.log1p(0.02),
          sameTop: null,
          confidence: 0.95,
        },
      ],
      warn: { p99Kld: null },
    });
  });

  test("may set modes and limits", async () => {
    const text = withMistake(
      ["q6_k] }", "q6_k], dominated: Keep }"],
      ["kv: f16", "kv: f16, logits-disk: 1.5 GiB"],
      ["tolerance: chat", "tolerance: chat, mode: DECISIVE, planned-reruns: 99, warn: { p99-kld: 0.5 nats }"],
    );
    const loaded = await parsePipeline(pipelineFile, text, memoryReader(world));
    if (!loaded.ok) throw new Error("not loaded");
    expect(loaded.value.pipeline).toMatchObject({
      quantize: { dominated: "keep" },
      validate: { logitsDisk: 1.5 * 2 ** 30 },
      select: { mode: "decisive", plannedReruns: 99, warn: { p99Kld: 0.5 } },
    });
  });

  test.each([
    ["imatrix: { context: 4k }", "validate: { domain: medical }", { context: 4096, unit: 4096 }],
    ["imatrix: { context: 1536 }", "validate: { domain: medical }", { context: 1536, unit: 3072 }],
    ["imatrix: { context: 512 }", "validate: { domain: medical, context: 1k }", { context: 1024, unit: 2048 }],
  ])("%s and %s give the windows and the unit", async (imatrix, validate, expected) => {
    const text = withMistake(
      ["imatrix: { chunks: 32, context: 512 }", imatrix],
      ["validate: { domain: medical, units: 32, unit: 512, context: 512, kv: f16 }", validate],
    );
    const loaded = await parsePipeline(pipelineFile, text, memoryReader(world));
    expect(loaded.ok && loaded.value.pipeline.validate).toMatchObject(expected);
  });

  test("names files of several globs from the directory they share", async () => {
    const files = "[../corpora/medical/notes/*.txt, ../corpora/general/*.txt, ../corpora/**/a.txt]";
    const text = withMistake(["../corpora/medical/notes/**/*.txt", files]);
    const loaded = await parsePipeline(pipelineFile, text, memoryReader(world));
    expect(loaded.ok && loaded.value.pipeline.corpus.sources[0]).toMatchObject({
      files: [{ name: "general/c.txt" }, { name: "medical/notes/a.txt" }],
    });
  });

  test("may give one setting by an alias", async () => {
    const text = withMistake(["imatrix: { chunks: 32, context: 512 }", "imatrix: { chunks: 32, context: &n 256 }"]);
    const loaded = await parsePipeline(
      pipelineFile,
      text.replace("context: 512, kv", "context: *n, kv"),
      memoryReader(world),
    );
    expect(loaded.ok && loaded.value.pipeline.validate.context).toBe(256);
  });
});

describe("all problems come in one run", () => {
  const sixMistakes = withMistake(
    ["pocket-f16", "poket-f16"],
    ["general, share: 30%", "general, shar: 30%"],
    ["chunks: 32", "chunks: 32 tokens"],
    ["q6_k", "Q6_M"],
    ["units: 32", "units: many"],
    ["tolerance: chat", "tolerence: chat"],
  );

  test("six mistakes are six diagnostics in source order", async () => {
    expect(brief(await problemsOf(sixMistakes))).toEqual([
      "«../models/poket-f16.gguf» there is no file `../models/poket-f16.gguf` (did you mean `../models/pocket-f16.gguf`?)",
      "«shar» `shar` is not a key of a source (did you mean `share`?)",
      "«32 tokens» `chunks` must be a whole number such as `128` or `128 chunks`, not `32 tokens` (the accepted unit is `chunks`, which may be left out)",
      "«Q6_M» `Q6_M` is not a quant type of llama-quantize (did you mean `Q6_K`?)",
      "«many» `units` must be a whole number such as `128` or `128 units`, not `many` (the accepted unit is `units`, which may be left out)",
      "«tolerence» `tolerence` is not a key of `select` (did you mean `tolerance`?)",
    ]);
  });

  test("two runs say the same", async () => {
    expect(await problemsOf(sixMistakes)).toEqual(await problemsOf(sixMistakes));
  });

  test("rules see what is right in a file with wrong parts", async () => {
    const text = withMistake(["name: medical", "name: [x]"], ["share: 30%", "share: 25%"]);
    expect(brief(await problemsOf(text))).toEqual([
      "«[x]» `name` must be a name of `a-z`, `0-9`, `.`, `_` and `-` such as `medical`, not a list",
      "«sources» the shares of the sources add up to 95%, not 100% (5% is missing)",
    ]);
  });

  test("offsets count UTF-16 code units, also after a BOM and with CRLF", async () => {
    const text = `\uFEFF# 𝄞 é\r\n${withMistake(["chat", "chatt"]).replaceAll("\n", "\r\n")}`;
    const [note] = await problemsOf(text);
    expect(note?.location.start).toBe(text.indexOf("chatt"));
    expect(note?.location.end).toBe(text.indexOf("chatt") + 5);
  });
});

describe("the file itself", () => {
  test("that does not exist is an unusable argument", async () => {
    const loaded = await loadPipeline("/home/ada/pipelines/nothing.yaml", memoryReader({}));
    expect(loaded).toEqual({
      ok: false,
      error: {
        reason: "unusable-argument",
        message: "/home/ada/pipelines/nothing.yaml cannot be read: there is no such file",
      },
    });
  });

  test("that cannot be read is an unusable argument, which says why", async () => {
    const trouble = { reason: "file-trouble", path: pipelineFile, operation: "read", code: "EACCES" } as const;
    const reader = { ...memoryReader({}), readText: async () => ({ ok: false, error: trouble }) as const };
    const message = `${pipelineFile} cannot be read: EACCES`;
    expect(await loadPipeline(pipelineFile, reader)).toEqual({
      ok: false,
      error: { reason: "unusable-argument", message },
    });
  });

  test("is named in diagnostics as it was named to us", async () => {
    const loaded = await parsePipeline("pipelines/x.yaml", "name: x\n", memoryReader({}));
    if (loaded.ok || loaded.error.reason !== "invalid-pipeline") throw new Error("loaded");
    expect(new Set(loaded.error.diagnostics.map((note) => note.location.file))).toEqual(new Set(["pipelines/x.yaml"]));
  });
});
