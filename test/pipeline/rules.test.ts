import { describe, expect, test } from "vitest";
import { rules } from "../../src/pipeline/rules.ts";
import { brief, problemsOf, withMistake, world } from "./memory-reader.ts";

const said = async (...changes: readonly (readonly [string, string])[]) =>
  brief(await problemsOf(withMistake(...changes)));

describe("rules", () => {
  test("are named as sentences", () => {
    expect(rules.map((rule) => rule.name)).toEqual([
      "eachSourceHasItsOwnId",
      "eachTypeIsNamedOnce",
      "aSourceHasOneKind",
      "aKeyFitsTheKindOfItsSource",
      "fieldsNeedRecords",
      "aCommandHasNoNameToGoBy",
      "aDottedPathHasNoGaps",
      "aFileOfTheWebHasItsDigest",
      "oneSourceReadsStandardInput",
      "someSourceCalibrates",
      "aHeldOutSourceHasNoBudget",
      "aHeldOutSourceIsOfAGatedDomain",
      "theSharesAddUpToAll",
      "someDomainIsGated",
      "eachGatedDomainIsNamedOnce",
      "everyGatedDomainHasASource",
      "aToleranceByDomainIsOfTheGatedDomains",
      "aToleranceIsForAllOrByDomain",
      "aToleranceHasOneBoundOfPerplexity",
      "allDomainsHaveOneConfidence",
      "topUpNamesSourcesThatCalibrate",
      "anImportStandsAlone",
      "anAblationHasEnoughText",
      "eachMatrixIsNamedOnce",
      "eachComparedTypeIsNamedOnce",
      "aComparedTypeIsOfTheLadder",
      "someTypeDependsOnTheMatrix",
      "aComparedMatrixHasItsText",
      "aUnitIsWholeWindows",
      "aFitHasItsMemory",
      "theShortestIsNotAboveTheLongest",
    ]);
  });

  test("a top-up names sources that calibrate, and an import has none", async () => {
    const imatrix = "imatrix: { chunks: 32, context: 512 }";
    const coverage = "coverage: { min-tokens: 1, top-up: [note] }";
    expect(await said([imatrix, `imatrix: { ${coverage} }`])).toEqual([
      "«note» `note` is no source that calibrates (did you mean `notes`?)",
    ]);
    expect(await said([imatrix, "imatrix: { chunks: 32, import: ../models/pocket-f16.gguf }"])).toEqual([
      "«chunks» `chunks` says how a matrix is collected, and this one is imported (leave out one of the two)",
    ]);
  });

  test("an ablation has text to compare on, matrices with text of their own, and types that differ", async () => {
    const types = "quantize: { types: [Q8_0, q6_k] }";
    const ablating = async (ablation: string, ...more: readonly (readonly [string, string])[]) =>
      said([types, `${types}\nablation: ${ablation}`], ...more);
    const enough = ["search: 8 units", "search: 16 units"] as const;
    expect(await ablating("[general, domain]", enough)).toEqual([]);
    expect(await ablating("{ matrices: [none, mixed], types: [Q6_K] }", enough)).toEqual([]);
    expect(await ablating("[general, domain]")).toEqual([
      "«8 units» an ablation compares on the search split, which has 8 units; at least 16 are needed " +
        "(write `split: { search: 16 units }` under `corpus`; with more, smaller differences show)",
    ]);
    expect(await ablating("[general, domain]", ["  split: { search: 8 units }\n", ""])).toEqual([
      expect.stringMatching(/^«ablation» an ablation compares on the search split, which has 8 units/),
    ]);
    expect(await ablating("[general, general]", enough)).toEqual([
      "«general» the matrix `general` is given twice [«general» `general` is first given here]",
    ]);
    expect(await ablating("[domain]", enough)).toEqual([expect.stringContaining("at least two matrices")]);
    expect(await ablating("{ matrices: [none, mixed], types: [Q8_0, Q4_0] }", enough)).toEqual([
      "«Q8_0» `Q8_0` ignores the importance matrix (it comes out the same with every matrix: leave it out)",
      "«Q4_0» `Q4_0` is none of the types of `quantize` (add it there too)",
    ]);
    expect(await said([types, "quantize: { types: [Q8_0] }\nablation: [none, mixed]"], enough)).toEqual([
      expect.stringMatching(/^«ablation» every type of `quantize` ignores the importance matrix/),
    ]);
    expect(await ablating("[general, domain]", enough, ["domain: general", "domain: medical"])).toEqual([
      expect.stringMatching(/^«general» every source that calibrates is of the validated domain `medical`/),
    ]);
    const imported = [
      "imatrix: { chunks: 32, context: 512 }",
      "imatrix: { import: ../models/pocket-f16.gguf }",
    ] as const;
    expect(await ablating("[none, domain, mixed]", enough, imported)).toEqual([
      expect.stringMatching(/^«domain» `domain` is mixed of the sources' own matrices, and this pipeline imports one/),
    ]);
  });

  test("each source has its own id", async () => {
    expect(await said(["id: general", "id: notes"])).toEqual([
      "«notes» the id `notes` is given twice [«notes» `notes` is first given here]",
    ]);
  });

  test("each type is named once, whatever its spelling", async () => {
    expect(await said(["[Q8_0, q6_k]", "[Q4_K_M, q8_0, Q4_K]"])).toEqual([
      "«Q4_K» the type `Q4_K_M` is given twice [«Q4_K_M» `Q4_K_M` is first given here]",
    ]);
  });

  test("a source has one kind", async () => {
    const both = "files: ../corpora/general/*.txt, prompts: ../corpora/medical/prompts.yaml";
    expect(await said(["files: ../corpora/general/*.txt", both])).toEqual([
      "«prompts» a source has either `files` or `prompts` (make it two sources) [«files» `files` is given here]",
    ]);
    expect(await said(["files: ../corpora/general/*.txt", "stdin: lines, files: ../corpora/general/*.txt"])).toEqual([
      "«files» a source has either `stdin` or `files` (make it two sources) [«stdin» `stdin` is given here]",
    ]);
    expect(await said(["files: ../corpora/general/*.txt, ", ""])).toEqual([
      "«id» source `general` lacks `files`, `git`, `prompts`, `chats`, `command`, `stdin`, `dataset` or `url` (give it `files`, a glob such as `texts/**/*.txt`, or one of the others)",
    ]);
  });

  test("the shares add up to all", async () => {
    expect(await said(["share: 30%", "share: 25.5%"])).toEqual([
      "«sources» the shares of the sources add up to 95.5%, not 100% (4.5% is missing)",
    ]);
    expect(await said(["share: 30%", "share: 40%"])).toEqual([
      "«sources» the shares of the sources add up to 110%, not 100% (10% is too much)",
    ]);
    expect(
      await said(["share: 50%", "share: 33.3%"], ["share: 20%", "share: 33.3%"], ["share: 30%", "share: 33.4%"]),
    ).toEqual([]);
    expect(await said(["domain: medical, share: 20%", "domain: medical, share: 100%, holdout-only: true"])).toEqual([
      "«sources» the shares of the sources add up to 80%, not 100% (20% is missing)",
    ]);
  });

  test("the validated domain has a source", async () => {
    expect(await said(["validate: { domain: medical", "validate: { domain: medicin"])).toEqual([
      "«medicin» no source has the domain `medicin` (did you mean `medical`?)",
    ]);
    expect(await said(["validate: { domain: medical", "validate: { domain: law"])).toEqual([
      "«law» no source has the domain `law` (the domains are `medical` and `general`)",
    ]);
  });

  test("a unit is whole windows", async () => {
    expect(await said(["unit: 512", "unit: 1000"])).toEqual([
      "«1000» a unit of 1000 tokens is not a multiple of the context of 512 tokens (the next multiple is `1024`) [«512» the context is given here]",
    ]);
    expect(await said(["unit: 512, context: 512", "unit: 768"])).toEqual([
      "«768» a unit of 768 tokens is not a multiple of the context of 512 tokens (the next multiple is `1024`) [«512» the context is given here]",
    ]);
  });

  test("the shortest document is not above the longest", async () => {
    expect(await said(["seed: 7", "hygiene: { min-length: 1k, max-length: 999 }"])).toEqual([
      "«1k» `min-length` is above `max-length`, so that no document is left",
    ]);
    expect(await said(["seed: 7", "hygiene: { max-length: 63 }"])).toEqual([
      "«63» `min-length` is above `max-length`, so that no document is left",
    ]);
    expect(await said(["seed: 7", "hygiene: { max-length: 64 }"])).toEqual([]);
  });

  test("a fit has its memory", async () => {
    const nowhere =
      "«{}» `fit` says neither on which GPU nor in how much memory (name a GPU, as `gpu: rtx-4090`, or a size, as `vram: 8GiB`)";
    expect(await said(["timeouts:", "fit: {}\ntimeouts:"])).toEqual([nowhere]);
    expect(await said(["timeouts:", "fit: { parallel: 2 }\ntimeouts:"])).toHaveLength(1);
    expect(await said(["timeouts:", "fit: { vram: 8GiB }\ntimeouts:"])).toEqual([]);
    expect(await said(["timeouts:", "fit: { gp: l4 }\ntimeouts:"])).toEqual([
      "«gp» `gp` is not a key of `fit` (did you mean `gpu`?)",
    ]);
  });

  test.each([
    ["a share that is wrong itself", ["share: 30%", "share: 30"]],
    ["a domain that is wrong itself", ["domain: general", "domain: General"]],
    ["a source that may be held out only", ["share: 30%", "share: 25%, holdout-only: maybe"]],
    ["a key that may be `holdout-only`", ["share: 30%", "share: 25%, holdout-onl: true"]],
    ["a key that may hide the context", ["context: 512, kv", "contxt: 1024, kv"]],
    ["a list of sources that is none", ["sources:\n", "sources: none\n  old:\n"]],
  ] as const)("are silent about %s", async (_, change) => {
    const lines = await said(change);
    expect(lines.filter((line) => /add up|no source has|multiple/.test(line))).toEqual([]);
  });
});

describe("files", () => {
  test.each([
    [
      "../models/pocket-f16.gguf",
      "../models/quite-another-thing.bin",
      "«../models/quite-another-thing.bin» there is no file `../models/quite-another-thing.bin` (looked for `/home/ada/models/quite-another-thing.bin`)",
    ],
    [
      "../models/pocket-f16.gguf",
      "../modles/pocket-f16.gguf",
      "«../modles/pocket-f16.gguf» there is no file `../modles/pocket-f16.gguf` (there is no directory `/home/ada/modles`)",
    ],
    [
      "../models/pocket-f16.gguf",
      "../models",
      "«../models» `../models` is a directory, not a file (name the file in it)",
    ],
    ["../models/pocket-f16.gguf", "hf:a/b/c.gguf", "«hf:a/b/c.gguf» there is no such model (name another)"],
    [
      "../corpora/general/*.txt",
      "../corpora/general/*.md",
      "«../corpora/general/*.md» `../corpora/general/*.md` matches no file (looked in `/home/ada/corpora/general`)",
    ],
    [
      "../corpora/general/*.txt",
      "../corpora/law/**/*.txt",
      "«../corpora/law/**/*.txt» `../corpora/law/**/*.txt` matches no file (there is no directory `/home/ada/corpora/law`)",
    ],
    [
      "../corpora/general/*.txt",
      "../corpora/general",
      "«../corpora/general» `../corpora/general` matches no file (it is a directory: write `../corpora/general/**/*` for the files in it)",
    ],
    [
      "../corpora/general/*.txt",
      "../corpora/general/d.txt",
      "«../corpora/general/d.txt» `../corpora/general/d.txt` matches no file (looked for `/home/ada/corpora/general/d.txt`)",
    ],
    [
      "../corpora/general/*.txt",
      "[../corpora/general/*.txt, /none/*]",
      "«/none/*» `/none/*` matches no file (there is no directory `/none`)",
    ],
    [
      "../corpora/medical/prompts.yaml",
      "../corpora/medical/prompt.yaml",
      "«../corpora/medical/prompt.yaml» there is no file `../corpora/medical/prompt.yaml` (did you mean `../corpora/medical/prompts.yaml`?)",
    ],
    [
      "../corpora/general/*.txt",
      '"a\\0b"',
      '«"a\\0b"» `files` must be a glob such as `../corpora/medical/**/*.txt`, not `"a\\0b"`',
    ],
  ])("%s → %s", async (from, to, expected) => {
    expect(await said([from, to])).toEqual([expected]);
  });

  test("a bad grammar is shown in its own file, after the pipeline's problems", async () => {
    const files = {
      ...world,
      "/home/ada/corpora/medical/prompts.yaml": 'templates: ["About {orgn}."]\nslots: { organ: [heart] }\n',
    };
    const notes = await problemsOf(withMistake(["tolerance: chat", "tolerance: chatt"]), files);
    expect(brief(notes)).toEqual([
      "«chatt» `chatt` is not a tolerance (did you mean `chat`?)",
      "«{orgn}» there is no slot `orgn` (did you mean `organ`?)",
    ]);
    expect(notes.map((note) => note.location.file)).toEqual([
      "/home/ada/pipelines/medical.yaml",
      "/home/ada/corpora/medical/prompts.yaml",
    ]);
  });

  test("a grammar that two sources share is read once", async () => {
    const files = { ...world, "/home/ada/corpora/medical/prompts.yaml": "templates: []\n" };
    const shared = withMistake(["files: ../corpora/general/*.txt", "prompts: ../corpora/medical/prompts.yaml"]);
    expect(brief(await problemsOf(shared, files))).toEqual(["«[]» `templates` is empty (give it at least one text)"]);
  });

  test("a warning in a grammar does not stop the pipeline", async () => {
    const ten = "templates: [A, B, C, D, E, F, G, H, I, J]\nslots: { a: [b] }\n";
    const files = { ...world, "/home/ada/corpora/medical/prompts.yaml": ten };
    expect(brief(await problemsOf(withMistake(), files))).toEqual([
      "warning: «a» nothing refers to the slot `a` (use it or remove it)",
    ]);
  });
});
