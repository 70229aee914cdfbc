import { describe, expect, it } from "vitest";
import type { ModelShape } from "../../src/base/model-shape.ts";
import { budgetOf } from "../../src/select/memory/budget.ts";
import { cacheTypeNames, rowBytes } from "../../src/select/memory/cache-type.ts";
import { cellsOf } from "../../src/select/memory/cells.ts";
import { estimateMemory, type MemoryEstimate } from "../../src/select/memory/estimate.ts";
import { maxContext, takes } from "../../src/select/memory/max-context.ts";
import { refusal } from "../../src/select/memory/refusal.ts";
import { type MemorySettings, usualSettings } from "../../src/select/memory/settings.ts";
import { readsPerToken, speedBound } from "../../src/select/memory/speed.ts";
import { waysToContext } from "../../src/select/memory/ways.ts";
import { shapeOfModel } from "../rig/header-shape.ts";

const [mib, gib] = [1024 ** 2, 1024 ** 3];
const small = shapeOfModel("llama-3.1-8b", () => "q8_0");

const estimate = (shape: ModelShape, settings: Partial<MemorySettings>): MemoryEstimate => {
  const found = estimateMemory(shape, { ...usualSettings, ...settings });
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value;
};

describe("cells", () => {
  const cells = (settings: Partial<MemorySettings>, name = "llama-3.1-8b"): ReturnType<typeof cellsOf> =>
    cellsOf(shapeOfModel(name), { ...usualSettings, ...settings });

  it("are rounded up to 256, of each sequence where each has a cache of its own", () => {
    expect(cells({ context: 5000 })).toMatchObject({ context: 5120, full: 5120, streams: 1, tokens: 512 });
    expect(cells({ context: 10_000, sequences: 3 })).toMatchObject({ context: 10_752, full: 3584, streams: 3 });
    expect(cells({ context: 10_000, sequences: 3, unified: true })).toMatchObject({ context: 10_240, full: 10_240 });
    expect(cells({ context: 100 })).toMatchObject({ context: 256, tokens: 100 });
    expect(cells({ context: 0 }).context).toBe(131_072);
  });

  it("of a window are the window and one micro-batch, for all sequences where they share it", () => {
    const window = (settings: Partial<MemorySettings>): number => cells(settings, "gemma-3-12b").windowed;
    expect(window({ context: 32_768 })).toBe(1536);
    expect(window({ context: 1024 })).toBe(1024);
    expect(window({ context: 32_768, microBatch: 2048 })).toBe(3072);
    expect(window({ context: 32_768, sequences: 4 })).toBe(1536);
    expect(window({ context: 32_768, sequences: 4, unified: true })).toBe(4608);
    expect(window({ context: 32_768, fullWindow: true })).toBe(32_768);
  });
});

describe("cache types", () => {
  it("are nine, with the bytes of their blocks", () => {
    expect(cacheTypeNames.map((type) => [type, rowBytes(type, 1024)])).toEqual([
      ["f32", 4096],
      ["f16", 2048],
      ["bf16", 2048],
      ["q8_0", 1088],
      ["q5_1", 768],
      ["q5_0", 704],
      ["q4_1", 640],
      ["q4_0", 576],
      ["iq4_nl", 576],
    ]);
  });
});

describe("refusals", () => {
  const refused = (name: string, settings: Partial<MemorySettings>): unknown =>
    refusal(shapeOfModel(name), { ...usualSettings, ...settings });

  it("come before any number", () => {
    const without = { flashAttention: false, typeV: "q8_0" } as const;
    expect(refused("llama-3.1-8b", without)).toEqual({ code: "values-need-flash-attention", type: "q8_0" });
    expect(refused("deepseek-v2-lite", { typeK: "q8_0" })).toEqual({
      code: "types-differ",
      typeK: "q8_0",
      typeV: "f16",
    });
    expect(refused("llama-3.1-8b", { sequences: 0 })).toEqual({ code: "setting", setting: "sequences" });
    expect(refused("llama-3.1-8b", { context: 1.5 })).toEqual({ code: "setting", setting: "context" });
    expect(refused("llama-3.1-8b", { gpuLayers: -1 })).toEqual({ code: "setting", setting: "gpuLayers" });
    expect(refused("llama-3.1-8b", { sequences: 257 })).toMatchObject({ code: "too-many-sequences", most: 256 });
    expect(refused("llama-3.1-8b", { typeK: "q4_0", typeV: "q4_0" })).toBeUndefined();
  });

  it("name the head that no block fits", () => {
    const shape = shapeOfModel("llama-3.1-8b");
    const odd = { ...shape, layers: shape.layers.map((layer) => ({ ...layer, keyHead: 80 })) };
    const found = refusal(odd, { ...usualSettings, typeK: "q8_0" });
    expect(found).toEqual({ code: "head-size", of: "keys", type: "q8_0", block: 32, size: 80 });
    // Without flash attention blocks run over the whole row.
    expect(refusal(odd, { ...usualSettings, typeK: "q8_0", flashAttention: false })).toBeUndefined();
    const grok = { ...shape, architecture: "grok", noFlashAttention: true };
    expect(refusal(grok, { ...usualSettings, typeV: "q8_0" })).toMatchObject({ code: "no-flash-attention" });
    expect(refusal({ ...shape, trainedContext: 0 }, usualSettings)).toEqual({ code: "setting", setting: "context" });
  });
});

describe("an estimate", () => {
  it("adds up, and says of each number how it came to be", () => {
    const found = estimate(small, { context: 8192 });
    expect(found.gpu).toBe(found.components.reduce((sum, { gpu }) => sum + gpu, 0));
    expect(found.components.map(({ name, how }) => [name, how])).toEqual([
      ["weights", "modelled"],
      ["cache", "exact"],
      ["state", "exact"],
      ["compute", "modelled"],
      ["output", "modelled"],
    ]);
    expect(estimate(small, { device: "other" }).components[0]).toMatchObject({ how: "exact" });
    const stranger: ModelShape = { ...small, assumptions: ["unknown-architecture"] };
    expect(estimate(stranger, {}).components.map(({ how }) => how)).toEqual([
      "modelled",
      "assumed",
      "assumed",
      "assumed",
      "modelled",
    ]);
  });

  it("counts CUDA's copy of a cache that is not in half precision", () => {
    const copy = (name: string, settings: Partial<MemorySettings>): number =>
      estimate(shapeOfModel(name), { typeK: "q8_0", typeV: "q8_0", ...settings }).copy / mib;
    expect(copy("llama-3.1-8b", { context: 131_072 })).toBe(512);
    expect(copy("llama-2-13b", { context: 65_536 })).toBe(1280);
    expect(copy("llama-3.1-8b", { context: 131_072, device: "other" })).toBe(0);
    expect(copy("llama-3.1-8b", { context: 131_072, typeK: "f16", typeV: "f16" })).toBe(0);
    expect(copy("llama-3.1-8b", { context: 131_072, typeK: "f16" })).toBe(256);
  });

  it("moves layers from the last one down, the output first, and loads tied embeddings twice", () => {
    const at = (name: string, gpuLayers: number | "all"): MemoryEstimate["components"][number] =>
      estimate(shapeOfModel(name), { device: "other", gpuLayers }).components[0]!;
    const embedding = 2 * 128_256 * 4096;
    expect(at("llama-3.1-8b", 0).gpu).toBe(0);
    expect(at("llama-3.1-8b", 1).gpu).toBe(embedding + 4 * 4096);
    expect(at("llama-3.1-8b", 33)).toEqual(at("llama-3.1-8b", "all"));
    expect(at("llama-3.1-8b", "all").cpu).toBe(embedding);
    const tied = at("llama-3.2-1b", "all");
    expect(tied.cpu).toBe(2 * 128_256 * 2048);
    const whole = at("llama-3.2-1b", 0).cpu;
    expect(tied.gpu).toBe(whole);
  });

  it("has all on the processor without a GPU", () => {
    const found = estimate(small, { device: "none", context: 4096 });
    expect(found.gpu).toBe(0);
    expect(takes(found)).toBe(found.cpu);
  });
});

describe("the longest context", () => {
  const longest = (budget: number, settings: Partial<MemorySettings> = {}): ReturnType<typeof maxContext> =>
    maxContext(small, { ...usualSettings, ...settings }, budget);

  it("fits, and one step more does not", () => {
    for (const budget of [9, 10, 12, 16, 20].map((each) => each * gib)) {
      for (const settings of [
        {},
        { sequences: 3 },
        { typeK: "q8_0", typeV: "q8_0" },
        { unified: true, sequences: 4 },
      ] as const) {
        const found = longest(budget, settings);
        if (!found.ok || found.value.limit === "trained") continue;
        const { context, estimate: taken } = found.value;
        const step = 256 * taken.cells.streams;
        expect(context % step).toBe(0);
        expect(context === 0 || taken.gpu <= budget).toBe(true);
        expect(estimate(small, { ...settings, context: context + step }).gpu).toBeGreaterThan(budget);
      }
    }
  });

  it("is capped by the trained length of each sequence, multiple or not", () => {
    expect(longest(1000 * gib)).toMatchObject({ value: { context: 131_072, limit: "trained" } });
    expect(longest(1000 * gib, { sequences: 2 })).toMatchObject({ value: { context: 262_144, perSequence: 131_072 } });
    const shapes = [1000, 100].map((trainedContext) => ({ ...small, trainedContext }));
    const found = shapes.map((shape) => maxContext(shape, usualSettings, 1000 * gib));
    expect(found).toMatchObject([{ value: { context: 1000 } }, { value: { context: 100 } }]);
  });

  it("is none where the weights alone do not fit, and a refusal stays one", () => {
    expect(longest(gib)).toMatchObject({ value: { context: 0, perSequence: 0, limit: "memory" } });
    expect(longest(0)).toMatchObject({ value: { context: 0 } });
    expect(longest(gib, { flashAttention: false, typeV: "q4_0" })).toMatchObject({ ok: false });
    const boundless = maxContext({ ...small, trainedContext: 0 }, usualSettings, 16 * gib);
    expect(boundless).toMatchObject({ value: { limit: "memory" } });
  });
});

describe("ways to a context", () => {
  it("are the cache, the micro-batch, both, and then smaller sizes", () => {
    const smaller = { name: "Q4_0", shape: shapeOfModel("llama-3.1-8b", () => "q4_0") };
    const ways = waysToContext(small, usualSettings, 10.5 * gib, 32_768, [smaller]);
    expect(ways.map(({ change }) => change)).toEqual([
      {},
      { cache: "q8_0" },
      { microBatch: 256 },
      { cache: "q8_0", microBatch: 256 },
      { size: "Q4_0" },
      { cache: "q8_0", size: "Q4_0" },
      { microBatch: 256, size: "Q4_0" },
      { cache: "q8_0", microBatch: 256, size: "Q4_0" },
    ]);
    const reached = ways.map((way) => way.reached.context);
    expect(reached[1]!).toBeGreaterThan(reached[0]!);
    expect(reached[2]!).toBeGreaterThan(reached[0]!);
    expect(ways.map(({ enough }) => enough)).toEqual(reached.map((context) => context >= 32_768));
  });

  it("leave out what changes nothing and what is refused", () => {
    const settings = { ...usualSettings, typeK: "q8_0", typeV: "q8_0", microBatch: 128 } as const;
    expect(waysToContext(small, settings, 20 * gib, 4096, []).map(({ change }) => change)).toEqual([{}]);
    const plain = { ...usualSettings, flashAttention: false, microBatch: 128 };
    expect(waysToContext(small, plain, 20 * gib, 4096, []).map(({ change }) => change)).toEqual([{}]);
  });
});

describe("a budget", () => {
  const wish = { memory: "own", projector: 0, margin: "usual" } as const;

  it("is 98 % of the card less 1 GiB, as llama.cpp keeps it, or less the driver's context", () => {
    expect(budgetOf({ ...wish, vram: 8 * gib }).bytes / mib).toBeCloseTo(0.98 * 8192 - 1024, 0);
    expect(budgetOf({ ...wish, vram: 8 * gib, margin: "tight" }).bytes / mib).toBeCloseTo(0.98 * 8192 - 409.6, 0);
    expect(budgetOf({ ...wish, vram: 8 * gib, margin: 0 }).bytes / mib).toBeCloseTo(0.98 * 8192, 0);
    expect(budgetOf({ ...wish, vram: 0 }).bytes).toBe(0);
  });

  it("takes a projector out of the margin as far as that reaches", () => {
    const bytes = (projector: number): number => budgetOf({ ...wish, vram: 8 * gib, projector }).bytes;
    expect(bytes(400 * mib)).toBe(bytes(0));
    expect((bytes(0) - bytes(884 * mib)) / mib).toBeCloseTo(409.6 + 1.35 * 884 - 1024, 0);
  });

  it("says what every byte is for", () => {
    for (const margin of ["usual", "tight", 0, 3 * gib] as const) {
      const { bytes, parts } = budgetOf({ ...wish, vram: 24 * gib, projector: 300 * mib, margin });
      expect(bytes + parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(24 * gib);
      expect(parts.filter((part) => part.bytes < 0)).toEqual([]);
    }
  });
});

describe("the bound of the speed", () => {
  const card = { bandwidth: 1008e9, family: "other" } as const;
  const f16 = shapeOfModel("llama-3.1-8b");

  it("is bandwidth over what a token reads, of the tokens that are there", () => {
    expect(readsPerToken(f16, usualSettings, 0)).toMatchObject({ cache: 0, state: 0 });
    expect(readsPerToken(f16, usualSettings, 0).weights / 1e9).toBeCloseTo(15.01, 1);
    expect(readsPerToken(f16, usualSettings, 8192).cache).toBe(8192 * 131_072);
    expect(readsPerToken(f16, usualSettings, 1).cache).toBe(256 * 131_072);
    const most = [0, 8192, 32_768].map((used) => Math.round(speedBound(f16, usualSettings, card, used)!.most));
    expect(most).toEqual([67, 63, 52]);
  });

  it("reads of experts only those that are used, of a window no more than it is wide, of a state all twice", () => {
    const experts = readsPerToken(shapeOfModel("gpt-oss-20b"), usualSettings, 131_072);
    expect(experts.weights / 1e9).toBeCloseTo(2.58, 1);
    expect(experts.cache).toBe(131_072 * 24_576 + 12 * 768 * 2048);
    const next = shapeOfModel("qwen3-next-80b-a3b");
    expect(readsPerToken(next, usualSettings, 0).state).toBe(2 * estimate(next, { context: 256 }).components[2]!.gpu);
  });

  it("is not given where the main memory decides", () => {
    expect(speedBound(f16, { ...usualSettings, gpuLayers: 10 }, card, 0)).toBeUndefined();
    expect(speedBound(f16, { ...usualSettings, device: "none" }, card, 0)).toBeUndefined();
  });

  it("comes with what others measured of it", () => {
    const { most, expected } = speedBound(f16, usualSettings, card, 0)!;
    expect(expected.low).toBeCloseTo(0.7 * 0.75 * most);
    expect(expected.high).toBeLessThanOrEqual(most);
    const apple = speedBound(f16, usualSettings, { ...card, family: "apple" }, 0)!;
    expect(apple.expected.high).toBeCloseTo(0.65 * apple.most);
  });
});
