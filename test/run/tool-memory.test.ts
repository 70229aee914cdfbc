import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shardName } from "../../src/base/shard-names.ts";
import { baselineArgv } from "../../src/llama/perplexity.ts";
import { dryRunArgv, quantizeArgv } from "../../src/llama/quantize.ts";
import { toolMemory } from "../../src/run/tool-memory.ts";
import { writeHeaderGguf } from "../rig/header-gguf.ts";
import { headerModel } from "../rig/header-models.ts";
import { splitModel } from "../rig/split-model.ts";

const mib = 1024 ** 2;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "memory-"));
  symlinkSync(fileURLToPath(new URL("../../models/pocket-f16.gguf", import.meta.url)), join(folder, "model.gguf"));
  writeHeaderGguf(join(folder, "large.gguf"), headerModel("llama-3.2-1b"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const measure = (model: string): string[] =>
  baselineArgv({
    model,
    text: "t",
    logits: "l",
    chunks: 1,
    context: 512,
    cache: "f16",
    threads: 2,
    gpuLayers: "all",
    jsonLog: false,
  });

test("estimates are near the most that was seen resident, and not below", () => {
  // Seen on two cores: 40.8 MiB of llama-perplexity on the demo model, 1716 MiB of llama-quantize on the 1B model.
  const perplexity = toolMemory("llama-perplexity", measure("model.gguf"), folder, "cpu") / mib;
  expect(perplexity).toBeGreaterThan(40.8);
  expect(perplexity).toBeLessThan(46);
  const argv = quantizeArgv({ model: "large.gguf", output: "q", type: "Q4_K_M", threads: 2 });
  const quantize = toolMemory("llama-quantize", argv, folder, "cpu") / mib;
  expect(quantize).toBeGreaterThan(1716);
  expect(quantize).toBeLessThan(1.05 * 1716);
});

test("what lies on a GPU is left out, and so is what reads no weights", () => {
  const on = (backend: "cpu" | "cuda"): number =>
    toolMemory("llama-perplexity", measure("large.gguf"), folder, backend);
  expect(on("cpu") - on("cuda")).toBeGreaterThan(1800 * mib);
  const dry = dryRunArgv({ model: "large.gguf", type: "Q8_0", threads: 1 });
  expect(toolMemory("llama-quantize", dry, folder, "cpu")).toBeLessThan(20 * mib);
});

test("a model in several files takes as much as in one", () => {
  const whole = join(folder, "model.gguf");
  for (const [index, bytes] of splitModel(whole, readFileSync(whole), 3).entries())
    writeFileSync(join(folder, shardName("model", index + 1, 3)), bytes);
  const memory = (model: string): number => toolMemory("llama-perplexity", measure(model), folder, "cpu");
  expect(memory(shardName("model", 1, 3))).toBe(memory("model.gguf"));
});
