import { cpSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import type { FitResult } from "../../src/report/fit/result.ts";
import { writeHeaderGguf } from "../rig/header-gguf.ts";
import { headerModel } from "../rig/header-models.ts";
import { type Ended, Rig } from "../rig/rig.ts";

const gib = 1024 ** 3;

const withModel = (rig: Rig): string => {
  writeHeaderGguf(rig.path("llama-8b-f16.gguf"), headerModel("llama-3.1-8b"));
  return "llama-8b-f16.gguf";
};

/** Lines are broken where the terminal ends. */
const flat = ({ stdout }: Ended): string => stdout.replaceAll(/\s+/g, " ");

const resultOf = ({ stdout }: Ended): FitResult => JSON.parse(stdout) as FitResult;

test("a model that fits: components, contexts, speed, the command line", async () => {
  using rig = new Rig();
  const model = withModel(rig);
  const ended = await rig.exec("fit", model, "--gpu", "RTX 4090");
  expect(ended.code, ended.stderr).toBe(0);
  for (const part of [
    "rtx-4090, 24.0 GiB: 22.5 GiB are for the model",
    "It fits with 68,352 tokens of context and the cache in f16.",
    /weights +14\.0 GiB +1002 MiB +modelled/,
    /▶ f16 +68,352 +22\.5 GiB +the memory ends it/,
    /q4_0 +131,072 +19\.1 GiB +trained for no more/,
    "at most 67 at the start of the context",
    "llama-server -m llama-8b-f16.gguf -c 68352 -ngl all -ctk f16 -ctv f16 -fa on -np 1 -ub 512 -fit off",
  ])
    expect(ended.stdout).toMatch(part);
});

test("one that does not fit: exit code 3, and what would help", async () => {
  using rig = new Rig();
  const model = withModel(rig);
  const none = await rig.exec("fit", model, "--vram", "8GiB");
  expect(none.code).toBe(3);
  expect(none.stdout).toContain("It does not fit, not even with 256 tokens of context.");
  const short = await rig.exec("fit", model, "--gpu", "rtx-4090", "--context", "80k");
  expect(short.code).toBe(3);
  expect(flat(short)).toContain(
    "It fits with 68,352 tokens of context and the cache in f16, and 81,920 were asked for.",
  );
  expect(flat(short)).toContain("What would reach it: the cache in q8_0 (122,112). ");
  const long = await rig.exec("fit", model, "--vram", "80GiB", "--context", "200k");
  expect(long.code).toBe(3);
  expect(flat(long)).toContain(
    "131,072 tokens of context, which is all that it was trained for; 204,800 were asked for",
  );
});

test("--json is one object, with the wished context loaded and no more", async () => {
  using rig = new Rig();
  const model = withModel(rig);
  const args = ["--vram", "24GiB", "--context", "8k", "--kv", "q8_0", "--parallel", "4", "--ubatch", "256", "--json"];
  const ended = await rig.exec("fit", model, ...args);
  expect(ended.code).toBe(0);
  const { ok, budget, files } = resultOf(ended);
  expect(ok).toBe(true);
  expect(budget?.parts.reduce((sum, { bytes }) => sum + bytes, budget.bytes)).toBeCloseTo(24 * gib, -1);
  expect(files[0]?.loading).toMatchObject({
    kv: "q8_0",
    context: 32_768,
    perSequence: 8192,
    limit: "asked",
    fits: true,
  });
  expect(files[0]?.server?.join(" ")).toContain("-c 32768 -ngl all -ctk q8_0 -ctv q8_0 -fa on -np 4 -no-kvu -ub 256");
});

test("the matrix has quants that do not exist, and docs/vram.md says the same of them", async () => {
  using rig = new Rig();
  const model = withModel(rig);
  const ended = await rig.exec("fit", model, "--matrix", "--types", "Q4_K_M,Q8_0", "--kv", "f16,q8_0", "--json");
  expect(ended.code, ended.stderr).toBe(0);
  const { matrix } = resultOf(ended);
  expect(matrix?.map(({ name }) => name)).toEqual(["Q8_0", "Q4_K_M"]);
  const contexts = matrix?.[1]?.cells.slice(0, 2).map((cell) => cell.contexts.map(({ perSequence }) => perSequence));
  expect(contexts).toEqual([
    [19_712, 35_840],
    [51_456, 92_160],
  ]);
  const text = await rig.exec("fit", model, "--matrix", "--types", "Q4_K_M");
  expect(text.stdout).toMatch(/Q4_K_M {2}4\.30 GiB +19k +50k/);
  expect(text.stdout.split("\n").filter((line) => line.length > 80 && !line.startsWith("llama-server"))).toEqual([]);
});

test("several files side by side, each once, and Markdown", async () => {
  using rig = new Rig();
  const model = withModel(rig);
  const ended = await rig.exec("fit", model, "--compare", "models/pocket-f16.gguf", model, "--gpu", "l4", "--markdown");
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain("# llama-8b-f16.gguf, pocket-f16.gguf\n");
  expect(ended.stdout).toMatch(/\| llama-8b-f16\.gguf \| 15\.0 GiB \| +[\d,]+ \|/);
  expect(ended.stdout.match(/\| pocket-f16/g)).toHaveLength(1);
});

test("a name that could do harm is shown and run as what it is", async () => {
  using rig = new Rig();
  const name = "-m \u001b[31m$(touch hurt)`x`|*.gguf";
  cpSync(rig.path("models/pocket-f16.gguf"), rig.path(name));
  const ended = await rig.exec("fit", "--vram", "8GiB", "--verify", "--matrix", "--", name);
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stdout).not.toContain("\u001b");
  expect(ended.stdout).toContain(String.raw`'./-m \x1b[31m$(touch hurt)`);
  const markdown = await rig.exec("fit", "--vram", "8GiB", "--markdown", "--", name);
  expect(markdown.stdout.split("\n")[0]).toBe(String.raw`# -m \\x1b\[31m\$(touch hurt)\`x\`\|\*.gguf`);
});

test("mistakes are said with what to give instead", async () => {
  using rig = new Rig();
  const cases: readonly (readonly [readonly string[], number, string])[] = [
    [["models/pocket-f16.gguf", "--gpu", "rtx-409"], 2, "Did you mean rtx-4090?"],
    [["models/pocket-f16.gguf", "--vram", "8"], 2, "a size with its unit"],
    [["models/pocket-f16.gguf", "--kv", "f16,q9"], 2, "one or several of f32, f16"],
    [["models/pocket-f16.gguf", "--context", "0"], 2, "max, or a number of tokens"],
    [["models/pocket-f16.gguf", "--parallel", "257"], 2, "from 1 to 256"],
    [["models/pocket-f16.gguf", "--types", "Q4"], 2, "one or several of"],
    [["corpora/README.md"], 1, "is no GGUF file"],
    [["none.gguf"], 1, "cannot be read (ENOENT)"],
    [["."], 1, "is no regular file"],
    [["models/pocket-f16.gguf", "small.gguf", "--matrix"], 2, "--matrix and --verify take one model"],
  ];
  symlinkSync("models/pocket-f16.gguf", rig.path("small.gguf"));
  for (const [args, code, words] of cases) {
    const ended = await rig.exec("fit", ...args);
    expect([args, ended.code, ended.stderr]).toEqual([args, code, expect.stringContaining(words)]);
  }
});

test("what llama.cpp allocates is what was predicted, within 1 % or 2 MiB", async () => {
  using rig = new Rig();
  for (const kv of ["f16", "q8_0"]) {
    const ended = await rig.exec("fit", "models/pocket-f16.gguf", "--verify", "--kv", kv, "--json");
    expect(ended.code, ended.stderr).toBe(0);
    const { verification } = resultOf(ended);
    const all = verification?.rows.at(-1);
    expect(all?.measured).toBeGreaterThan(10 * 1024 ** 2);
    expect(Math.abs((all?.measured ?? 0) - (all?.predicted ?? 0))).toBeLessThanOrEqual(2 * 1024 ** 2);
    expect(verification?.within).toBe(true);
  }
});

test("without a GPU a cache that does not fit into the memory is not made", async () => {
  using rig = new Rig();
  writeHeaderGguf(rig.path("large.gguf"), { ...headerModel("llama-2-13b"), context: 2 ** 24 });
  const ended = await rig.exec("fit", "large.gguf", "--vram", "1024TiB", "--verify");
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/takes [\d.]+ TiB of memory, and .* are free: give a shorter --context/);
});
