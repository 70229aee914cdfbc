import { describe, expect, test } from "vitest";
import type { Manifest } from "../../src/corpus/manifest.ts";
import { readImatrix } from "../../src/llama/imatrix-file.ts";
import { Rig } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";

const inspect = async (rig: Rig, file: string): Promise<Manifest> => {
  const ended = await rig.exec("corpus", "inspect", file, "--json", "--cache", rig.store);
  expect(ended.code, ended.stdout.slice(0, 2000) + ended.stderr).toBe(0);
  return (JSON.parse(ended.stdout) as { manifest: Manifest }).manifest;
};

describe.for(["medical", "legal", "finance"])("the corpus of %s.yaml", (name) => {
  test("has its budget in tokens of the model, to the percent, and its shares to two points", async () => {
    using rig = new Rig();
    const { calibration, sources } = await inspect(rig, `pipelines/${name}.yaml`);
    const windows = calibration.reduce((sum, { chunks }) => sum + chunks, 0);
    const tokens = calibration.reduce((sum, text) => sum + text.tokens, 0);
    expect(Math.abs(tokens / (windows * 512) - 1)).toBeLessThan(0.01);
    // What a source counts for in the mix of 32; its own matrix may come from more windows, never from fewer.
    expect(sources.reduce((sum, { windows: { wanted } }) => sum + wanted, 0)).toBe(32);
    for (const { share, windows: own } of sources) {
      expect(Math.abs(own.wanted / 32 - share)).toBeLessThan(0.02);
      expect(own.got).toBeGreaterThanOrEqual(own.wanted);
    }
  });

  test("is large enough for the holdout that its card promises", async () => {
    using rig = new Rig();
    const [units, search] = name === "medical" ? [128, 32] : [32, 16];
    rig.edit(`pipelines/${name}.yaml`, "units: 32", `units: ${units}`);
    rig.edit(`pipelines/${name}.yaml`, `search: ${name === "medical" ? 8 : 16} units`, `search: ${search} units`);
    if (name === "medical") rig.edit("pipelines/medical.yaml", "chunks: 32", "chunks: 96");
    const manifest = await inspect(rig, `pipelines/${name}.yaml`);
    expect(manifest.holdout.reduce((sum, text) => sum + text.units.length, 0)).toBe(units);
    expect(manifest.search.units.length).toBe(search);
    expect(manifest.capacity).toMatchObject([{ domain: name }]);
    expect(manifest.capacity[0]?.units).toBeGreaterThanOrEqual(units + search);
  });
});

test("an importance matrix counts exactly the tokens of the windows that its text holds", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  expect((await rig.run("tiny.yaml")).code).toBe(0);
  const matrix = readImatrix(rig.path("out/tiny/imatrix.gguf"));
  if (!matrix.ok) throw new Error(matrix.error.why);
  const counts = [...matrix.value.entries.values()].flatMap((entry) => [...entry.counts]);
  expect(counts.length).toBeGreaterThan(40);
  expect(new Set(counts)).toEqual(new Set([4 * 512]));
});

test("a plan says how many units the text gives, and a check refuses a domain that cannot give sixteen", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const plan = await rig.exec("plan", "tiny.yaml", "--cache", rig.store);
  expect(plan.stdout).toMatch(/18 units of medical text are asked for, and the text gives about \d+ \(estimated\)/);
  const { units } = JSON.parse((await rig.exec("plan", "tiny.yaml", "--json", "--cache", rig.store)).stdout) as {
    units: { available: number }[];
  };
  const [capacity] = (await inspect(rig, "tiny.yaml")).capacity;
  expect(units).toHaveLength(1);
  expect(Math.abs(units[0]!.available - capacity!.units)).toBeLessThanOrEqual(0.1 * capacity!.units);
  rig.write("few.yaml", tinyPipeline.replace("corpora/medical/notes/*.txt", "corpora/medical/notes/icu*.txt"));
  const check = await rig.exec("check", "few.yaml");
  expect(check.code).toBe(2);
  expect(check.stderr).toContain("and 16 are needed");
});

test("the holdout stays when only the importance matrix grows", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const before = await inspect(rig, "tiny.yaml");
  rig.edit("tiny.yaml", "chunks: 4", "chunks: 12");
  const after = await inspect(rig, "tiny.yaml");
  expect(after.holdout).toEqual(before.holdout);
  expect(after.calibration).not.toEqual(before.calibration);
});
