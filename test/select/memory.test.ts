import { describe, expect, it } from "vitest";
import type { ModelShape } from "../../src/base/model-shape.ts";
import { tokenBytes } from "../../src/select/memory/cache.ts";
import { estimateMemory, type ComponentName } from "../../src/select/memory/estimate.ts";
import { type MemorySettings, usualSettings } from "../../src/select/memory/settings.ts";
import { headerModels } from "../rig/header-models.ts";
import { shapeOfModel } from "../rig/header-shape.ts";

const mib = 1024 ** 2;

const part = (shape: ModelShape, name: ComponentName, settings: Partial<MemorySettings> = {}): number => {
  const estimate = estimateMemory(shape, { ...usualSettings, device: "other", ...settings });
  if (!estimate.ok) throw new Error(JSON.stringify(estimate.error));
  return estimate.value.components.find((each) => each.name === name)!.gpu;
};

const kibPerToken = (name: string): number => {
  const shape = shapeOfModel(name);
  const growing = shape.layers.filter(({ reach }) => reach === "all");
  return growing.reduce((sum, layer) => sum + tokenBytes(layer, shape, usualSettings), 0) / 1024;
};

describe("the cache", () => {
  it.each([
    ["llama-3.1-8b", 128],
    ["llama-2-7b", 512],
    ["llama-2-13b", 800],
    ["qwen2.5-7b", 56],
    ["qwen2.5-14b", 192],
    ["qwen2.5-32b", 256],
    ["llama-3.1-70b", 320],
    ["qwen3-30b-a3b", 96],
    ["deepseek-v2-lite", 30.375],
    ["gpt-oss-20b", 24],
    ["qwen3-next-80b-a3b", 24],
    ["gemma-3-12b", 64],
  ])("of %s grows by %d KiB a token in f16", (name, kib) => {
    expect(kibPerToken(name)).toBe(kib);
  });

  it("has a part that does not grow where layers have a window", () => {
    expect(part(shapeOfModel("gemma-3-12b"), "cache", { context: 131072 }) - 131072 * 64 * 1024).toBe(480 * mib);
  });

  it("keeps a state that no context changes", () => {
    const shape = shapeOfModel("qwen3-next-80b-a3b");
    const states = [256, 4096, 131072].map((context) => part(shape, "state", { context }));
    expect(new Set(states).size).toBe(1);
    expect(Math.round(states[0]! / mib)).toBe(75);
  });
});

describe("the compute buffer", () => {
  it.each([
    ["llama-3.1-8b", [112, 124, 172, 236], [1092, 8484], 258.5],
    ["llama-2-13b", [115, 127, 175, 239], [1372, 10556], 115],
    ["qwen2.5-32b", [196, 208, 256, 320], [1356, 10540], 307],
    ["llama-3.1-70b", [220, 232, 280, 344], [2148, 16708], 266.5],
  ] as const)("of %s is what llama.cpp was seen to take, within 1 %", (name, flash, plain, all) => {
    const shape = shapeOfModel(name);
    const compute = (settings: Partial<MemorySettings>): number => part(shape, "compute", settings) / mib;
    const found = [
      ...[4096, 16384, 65536, 131072].map((context) => compute({ context })),
      ...[16384, 131072].map((context) => compute({ context, flashAttention: false })),
      compute({ context: 4096, logits: "all" }),
    ];
    for (const [index, seen] of [...flash, ...plain, all].entries())
      expect(Math.abs(found[index]! / seen - 1)).toBeLessThan(0.01);
  });
});

describe("the models of the rig", () => {
  it("have at least twelve architectures, each with a source", () => {
    expect(new Set(headerModels.map(({ architecture }) => architecture)).size).toBeGreaterThanOrEqual(12);
    expect(headerModels.filter(({ source }) => source === "")).toEqual([]);
    for (const { name } of headerModels) expect(shapeOfModel(name).layers.length).toBeGreaterThan(0);
  });
});
