import { describe, expect, it } from "vitest";
import type { ModelShape } from "../../src/base/model-shape.ts";
import { architectures } from "../../src/llama/architectures.ts";
import { parseGguf } from "../../src/llama/gguf.ts";
import { modelShape } from "../../src/llama/model-shape.ts";
import { memoryBytes, shapeOfModel } from "../rig/header-shape.ts";
import { type Entry, ggufBytes, headerBytes } from "./gguf-writer.ts";

type Numbers = Readonly<Record<string, number | readonly number[]>>;

const usual: Numbers = { block_count: 8, embedding_length: 64, "attention.head_count": 4, context_length: 512 };

const header = (architecture: string, keys: Numbers): Buffer => {
  const entries = Object.entries(keys).map(([key, value]): Entry => {
    const name = `${architecture}.${key}`;
    return typeof value === "number" ? { key: name, u32: value } : { key: name, ints: value };
  });
  return ggufBytes([{ key: "general.architecture", text: architecture }, ...entries], []);
};

const read = (architecture: string, keys: Numbers = {}): ReturnType<typeof modelShape> => {
  const gguf = parseGguf(memoryBytes(header(architecture, { ...usual, ...keys })));
  if (!gguf.ok) throw new Error(gguf.error.why);
  return modelShape(gguf.value);
};

const shape = (architecture: string, keys: Numbers = {}): ModelShape => {
  const found = read(architecture, keys);
  if (!found.ok) throw new Error(found.error.why);
  return found.value;
};

/** One letter a layer: all, window, none; in capitals where it has a state. */
const reaches = ({ layers }: ModelShape): string =>
  layers.map(({ reach, state }) => (state > 0 ? reach.charAt(0).toUpperCase() : reach.charAt(0))).join("");

const why = (architecture: string, keys: Numbers): string => {
  const found = read(architecture, keys);
  return found.ok ? "ok" : found.error.why;
};

const swa = { "attention.sliding_window": 128 };

describe("layers with a window", () => {
  it.each([
    ["gemma2", swa, "wawawawa"],
    ["gemma2", {}, "wawawawa"],
    ["gemma3", swa, "wwwwwaww"],
    ["gemma3", {}, "aaaaaaaa"],
    ["gemma3", { ...swa, "attention.sliding_window_pattern": 2 }, "wawawawa"],
    ["gemma3", { ...swa, "attention.sliding_window_pattern": [0, 1, 0, 0, 0, 0, 0, 1] }, "awaaaaaw"],
    ["gpt-oss", swa, "wawawawa"],
    ["llama4", swa, "wwwawwwa"],
    ["llama4", { "attention.sliding_window": 0 }, "aaaaaaaa"],
    ["cohere2moe", swa, "awwwawww"],
    ["smallthinker", swa, "awwwawww"],
    ["mimo2", { ...swa, "attention.sliding_window_pattern": [1, 1, 1, 1, 0, 0, 0, 0] }, "wwwwaaaa"],
    ["mimo2", swa, "aaaaaaaa"],
    ["exaone4", swa, "aaaaaaaa"],
    ["phi3", swa, "aaaaaaaa"],
    ["llama", swa, "aaaaaaaa"],
    ["never-heard-of", swa, "aaaaaaaa"],
    ["gemma3n", { ...swa, block_count: 24 }, "wwwwawwwwawwwwawwwwannnn"],
    [
      "gemma4",
      { ...swa, "attention.shared_kv_layers": 3, "attention.sliding_window_pattern": [1, 0, 1, 0, 1, 0, 1, 0] },
      "wawawnnn",
    ],
  ] as const)("of %s with %j are %s", (architecture, keys, expected) => {
    expect(reaches(shape(architecture, keys))).toBe(expected);
  });

  it("are as wide as the header says, or the architecture", () => {
    const widths = (["gemma3", "llama4", "smallthinker", "gemma2"] as const).map((name) => shape(name, swa).window);
    expect(widths).toEqual([128, 8192, 4096, 128]);
    expect([shape("gemma2").window, shape("llama4").window, shape("gemma3").window]).toEqual([4096, 8192, 0]);
    expect(shape("exaone4", { block_count: 64 }).window).toBe(4096);
  });
});

const scan = { "ssm.conv_kernel": 4, "ssm.inner_size": 128, "ssm.state_size": 16, "ssm.group_count": 1 };
const some = [0, 0, 4, 0, 0, 4, 0, 0];

describe("layers with a state", () => {
  it.each([
    ["mamba", scan, "NNNNNNNN"],
    ["jamba", { ...scan, "attention.head_count_kv": some }, "NNaNNaNN"],
    ["qwen3next", scan, "NNNaNNNa"],
    ["qwen3next", { ...scan, full_attention_interval: 2 }, "NaNaNaNa"],
    ["qwen35", { ...scan, "attention.recurrent_layers": [1, 1, 0, 0, 0, 0, 0, 0] }, "NNaaaaaa"],
    ["falcon-h1", scan, "AAAAAAAA"],
    [
      "nemotron_h",
      { ...scan, "attention.head_count_kv": some, feed_forward_length: [0, 9, 0, 9, 9, 0, 9, 0] },
      "NnannanN",
    ],
    ["lfm2", { ...swa, "shortconv.l_cache": 3, "attention.head_count_kv": some }, "NNwNNwNN"],
    ["bert", {}, "nnnnnnnn"],
  ] as const)("of %s with %j are %s", (architecture, keys, expected) => {
    expect(reaches(shape(architecture, keys))).toBe(expected);
  });

  it("have as much as each kind keeps", () => {
    const state = (architecture: string, keys: Numbers): number => shape(architecture, keys).layers[0]!.state;
    expect(state("mamba", scan)).toBe(3 * (128 + 2 * 16) + 16 * 128);
    expect(state("rwkv7", { "wkv.head_size": 16 })).toBe(2 * 64 + 64 * 16);
    expect(state("rwkv6qwen2", { "wkv.head_size": 16, token_shift_count: 1 })).toBe(64 + 64 * 16);
    expect(state("lfm2", { "shortconv.l_cache": 3, "attention.head_count_kv": some })).toBe(64 * 2);
    const delta = { "kda.head_dim": 16, "ssm.conv_kernel": 4, "attention.head_count_kv": some };
    expect(state("kimi-linear", delta)).toBe(3 * 3 * 4 * 16 + 16 * 16 * 4);
  });
});

describe("heads", () => {
  it("may differ from layer to layer, and be none", () => {
    const found = shape("deci", { "attention.head_count_kv": [4, 2, 1, 0, 4, 2, 1, 0] });
    expect(found.layers.map(({ keys }) => keys)).toEqual([64, 32, 16, 0, 64, 32, 16, 0]);
    expect(found.widestValues).toBe(64);
  });

  it("have sizes of their own in layers with a window", () => {
    const keys = { ...swa, "attention.key_length": 32, "attention.key_length_swa": 16, "attention.value_length": 8 };
    const [windowed, full] = shape("gemma2", keys).layers;
    expect([windowed!.keyHead, full!.keyHead, windowed!.valueHead, full!.valueHead]).toEqual([16, 32, 8, 8]);
  });

  it("are latent only where the architecture reads the keys of it, both of them", () => {
    const keys = { "attention.key_length_mla": 24, "attention.value_length_mla": 16 };
    expect(shape("deepseek2", keys).latent).toBe(true);
    expect(shape("deepseek2", { "attention.key_length_mla": 24 }).latent).toBe(false);
    expect(shape("llama", keys).latent).toBe(false);
  });
});

describe("a shape", () => {
  it("leaves out layers for drafting, and says so", () => {
    const found = shape("glm4moe", { nextn_predict_layers: 2 });
    expect([found.layers.length, found.blocks, found.assumptions]).toEqual([6, 8, ["draft-layers"]]);
  });

  it("says what it does not know", () => {
    expect(shape("never-heard-of").assumptions).toEqual(["unknown-architecture"]);
    expect(shape("deepseek4").assumptions).toEqual(["unmodelled-cache"]);
    expect(shape("gemma4").assumptions).toEqual(["unmeasured-cache"]);
    expect(shape("llama").assumptions).toEqual([]);
  });

  it.each([
    ["layers", { block_count: 0 }, "has 0 layers, not 1 to 512"],
    ["too many layers", { block_count: 2 ** 31 }, `has ${2 ** 31} layers, not 1 to 512`],
    ["layers for drafting", { nextn_predict_layers: 9 }, "has 9 layers for drafting, of 8"],
    ["a size", { embedding_length: 2 ** 31 }, `has ${2 ** 31} as embedding_length, which is no size`],
    ["a short list", { "attention.head_count_kv": [1, 2] }, "lists attention.head_count_kv for 2 of 8 layers"],
    [
      "a negative head",
      { "attention.head_count": [-1, 1, 1, 1, 1, 1, 1, 1] },
      "has a number as attention.head_count that is no size",
    ],
  ] as const)("is refused for %s that cannot be", (_, keys, reason) => {
    expect(why("llama", keys)).toBe(reason);
  });

  it("is refused without an architecture", () => {
    const gguf = parseGguf(memoryBytes(ggufBytes([], [])));
    expect(gguf.ok && modelShape(gguf.value)).toMatchObject({ error: { why: "names no architecture" } });
  });
});

describe("a feed-forward part", () => {
  it("has a gate where a tensor is one, or holds one", () => {
    expect(["llama-3.1-8b", "bloom-7b1", "gpt-oss-20b"].map((name) => shapeOfModel(name).feedForward.gated)).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("is looked for in time, however many tensors there are", () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `blk.${index}.ffn_up.weight`);
    const tensors = names.map((name) => ({ name, dims: [1, 1], type: 0, bytes: 4 }));
    const entries: Entry[] = [
      { key: "general.architecture", text: "llama" },
      { key: "llama.block_count", u32: 1 },
    ];
    const gguf = parseGguf(memoryBytes(headerBytes(entries, tensors).header));
    expect(gguf.ok && modelShape(gguf.value).ok).toBe(true);
  });
});

describe("the table of architectures", () => {
  it("has a source for each, and nothing that contradicts itself", () => {
    const rows = [...architectures.values()];
    expect(rows.length).toBeGreaterThan(120);
    expect(rows.filter(({ source }) => source === "")).toEqual([]);
    expect(
      rows.filter(({ cache, recurrent, window }) => cache !== undefined && (recurrent ?? window) !== undefined),
    ).toEqual([]);
    const periods = rows.flatMap(({ window }) => (typeof window?.period === "number" ? [window.period] : []));
    expect(periods.every((period) => period >= 2)).toBe(true);
  });
});
