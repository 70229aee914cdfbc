import { readFile } from "node:fs/promises";
import { eld } from "eld/small";
import { describe, expect, test } from "vitest";
import { formatByName } from "../../src/pipeline/formats.ts";
import { pipelineJsonSchema, pipelineJsonSchemaText } from "../../src/pipeline/json-schema.ts";
import { languageCodes, languages } from "../../src/pipeline/languages.ts";
import { companionKld, presets, presetTolerance } from "../../src/pipeline/presets.ts";
import { pipelineSchema } from "../../src/pipeline/schema.ts";
import { allKeys } from "../../src/pipeline/shape.ts";
import { startingPipeline, usualStart } from "../../src/pipeline/template.ts";
import { quantType, quantTypeNames, quantTypes, typeAliases, usesImatrix } from "../../src/pipeline/types.ts";
import { brief, folder, problemsOf } from "./memory-reader.ts";

const inDocs = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8");

describe("presets", () => {
  test.each(presets.map((preset) => [preset.name, preset] as const))(
    "%s has bounds that go together",
    (name, preset) => {
      const { ppl, kld } = preset;
      expect(presetTolerance(name)).toEqual({ name, ppl, pplDelta: null, kld, sameTop: null, confidence: 0.95 });
      expect(Math.abs(preset.kld / companionKld(preset.ppl) - 1)).toBeLessThan(0.03);
      expect(preset.policy.length).toBeGreaterThan(20);
      expect(preset.source.length).toBeGreaterThan(20);
    },
  );

  test("go from the widest to the narrowest", () => {
    const bounds = presets.map((preset) => preset.ppl);
    expect(bounds).toEqual([...bounds].sort((a, b) => b - a));
  });
});

describe("quant types", () => {
  test("are all of llama-quantize but COPY, from many bits to few", () => {
    expect(quantTypes).toHaveLength(35);
    expect(new Set(quantTypeNames).size).toBe(35);
    expect(quantTypes.map((type) => type.bpw)).toEqual(quantTypes.map((type) => type.bpw).sort((a, b) => b - a));
  });

  test("need an importance matrix where llama-quantize refuses without", () => {
    const required = quantTypes.filter((type) => type.imatrix === "required").map((type) => type.name);
    const tried = "IQ1_M IQ1_S IQ2_M IQ2_S IQ2_XS IQ2_XXS IQ3_XS IQ3_XXS Q2_K_S";
    expect(required.sort().join(" ")).toBe(tried);
    expect(quantTypeNames.filter((name) => !usesImatrix(name))).toEqual(["F32", "F16", "BF16", "Q8_0"]);
  });

  test("have second names only for known ones", () => {
    for (const name of Object.values(typeAliases)) expect(quantType(name).name).toBe(name);
    expect(() => quantType("Q4_K")).toThrow("Internal error: no quant type Q4_K");
  });
});

describe("languages", () => {
  test("are those that eld tells apart", () => {
    const known = Object.values(eld.info().Languages);
    expect([...languageCodes].sort()).toEqual([...known].sort());
    expect(languageCodes).toHaveLength(60);
  });

  test("have one name each", () => {
    expect(new Set(Object.values(languages)).size).toBe(60);
  });
});

describe("formats by name", () => {
  test.each([
    ["a.jsonl", "jsonl", false],
    ["a.ndjson.gz", "jsonl", true],
    ["A.JSONL.ZST", "jsonl", true],
    ["b.csv", "csv", false],
    ["b.tsv.gz", "csv", true],
    ["c.txt.gz", "text", true],
    ["c.json", "text", false],
    ["csv", "text", false],
    [".gz", "text", true],
    ["d.jsonl.txt", "text", false],
    ["e/f.csv/g", "text", false],
  ] as const)("%s", (name, format, compressed) => {
    expect(formatByName(name)).toEqual({ format, compressed });
  });
});

describe("the JSON Schema", () => {
  test("in docs is fresh (write it with `pipeline schema > docs/pipeline.schema.json`)", async () => {
    expect(await inDocs("pipeline.schema.json")).toBe(pipelineJsonSchemaText());
  });

  test("describes every key", () => {
    const missing: string[] = [];
    const look = (schema: unknown, path: string): void => {
      if (typeof schema !== "object" || schema === null) return;
      for (const [name, inner] of Object.entries(schema)) {
        if (name === "properties" && typeof inner === "object" && inner !== null) {
          for (const [key, value] of Object.entries(inner as Record<string, { description?: string }>)) {
            if (value.description === undefined) missing.push(`${path}.${key}`);
          }
        }
        look(inner, `${path}.${name}`);
      }
    };
    look(pipelineJsonSchema(), "");
    expect(missing).toEqual([]);
  });
});

describe("docs/pipeline-file.md", () => {
  const paths = allKeys(pipelineSchema).map(({ path, key }) => [...path, key].join(".").replaceAll(".0", "[]"));

  test.each(paths)("has the key %s", async (path) => {
    expect(await inDocs("pipeline-file.md")).toContain(`\`${path}\``);
  });

  test.each(presets.map((preset) => [preset.name, preset] as const))("has the preset %s", async (name, preset) => {
    const row = (await inDocs("pipeline-file.md")).split("\n").find((line) => line.startsWith(`| \`${name}\` `));
    const cells = row?.split("|").map((cell) => cell.trim());
    const percent = `${String(Number((preset.ppl * 100).toFixed(4)))}%`;
    expect(cells?.slice(1, -1)).toEqual([`\`${name}\``, percent, String(preset.kld), preset.policy, preset.source]);
  });

  test("has every quant type", async () => {
    const text = await inDocs("pipeline-file.md");
    for (const name of quantTypeNames) expect(text).toContain(`\`${name}\``);
  });
});

describe("the starting pipeline", () => {
  const long = "x".repeat(2048);
  const texts = Object.fromEntries(Array.from({ length: 136 }, (_, index) => [`${folder}/texts/${index}.txt`, long]));
  const files = { [`${folder}/model-f16.gguf`]: "", ...texts };

  test("loads when its paths exist", async () => {
    expect(brief(await problemsOf(startingPipeline(), files))).toEqual([]);
  });

  test("shows just two problems when they do not", async () => {
    expect(await problemsOf(startingPipeline(), {})).toHaveLength(2);
  });

  test("loads with any names that are allowed", async () => {
    const start = { ...usualStart, name: "1e3", model: "it's: #1 é.gguf", domain: "null" };
    const text = startingPipeline(start);
    const world = { ...files, [`${folder}/it's: #1 é.gguf`]: "" };
    expect(brief(await problemsOf(text, world))).toEqual([]);
  });

  test("shows other sources that are right, but for what they name", async () => {
    const shown = startingPipeline().replaceAll(/^ {4}# (- \{| {4}share)/gm, "    $1");
    const notes = await problemsOf(shown, files);
    expect(shown.match(/^ {4}- \{/gm)).toHaveLength(9);
    expect(brief(notes).filter((line) => !/matches no file|there is no|add up to/.test(line))).toEqual([]);
  });

  test("names every preset and every key", () => {
    const text = startingPipeline();
    for (const preset of presets) expect(text).toContain(preset.name);
    for (const { key } of allKeys(pipelineSchema)) expect(text).toContain(key);
  });
});
