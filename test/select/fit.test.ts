import { expect, test } from "vitest";
import { cardOf, deviceKind } from "../../src/select/fit/card.ts";
import { type FitFile, fitFile } from "../../src/select/fit/file-fit.ts";
import { chooseFit, type PlannedFit } from "../../src/select/fit/fit.ts";
import type { FitWish } from "../../src/select/fit/wish.ts";
import { findDevice } from "../../src/select/memory/devices.ts";
import { estimateAccepted } from "../../src/select/memory/estimate.ts";
import { maxContext } from "../../src/select/memory/max-context.ts";
import { usualSettings } from "../../src/select/memory/settings.ts";
import { shapeOfModel } from "../rig/header-shape.ts";

const gib = 1024 ** 3;

/** Matrices of the 8B model in one type. */
const fileOf = (name: string, type: string): FitFile => {
  const shape = shapeOfModel("llama-3.1-8b", (tensor) => (/norm|rope/.test(tensor) ? undefined : type));
  return { name, bytes: shape.tensors.reduce((sum, { bytes }) => sum + bytes, 0), shape };
};
const q8 = fileOf("Q8_0", "q8_0");
const q6 = fileOf("Q6_K", "q6_K");
const q4 = fileOf("Q4_K", "q4_K");

const device = findDevice("rtx-4060");
const wishOf = (vram: number, extra: Partial<FitWish> = {}) => {
  const card = cardOf(device, vram * gib);
  if (card === undefined) throw new Error("no card");
  const usual = { reserve: null, context: "max", kv: ["f16", "q8_0"], parallel: 1, microBatch: 512 } as const;
  return { device: deviceKind(device), ...usual, ...extra, card };
};

const choose = (vram: number, extra: Partial<FitWish> = {}, files = [q8, q6, q4]): PlannedFit =>
  chooseFit(files, wishOf(vram, extra), { context: 512, kv: "f16" }, (type) => `m-${type}.gguf`);

test("the longest context wins, and that is the smallest file", () => {
  const { choice, larger, ways } = choose(8);
  expect(choice).toMatchObject({
    type: "Q4_K",
    file: "m-Q4_K.gguf",
    loading: { kv: "f16", limit: "memory", fits: true },
  });
  expect([larger, ways]).toEqual([[], []]);
});

test("larger quants that reach as much are named: all of the trained length, or what is asked for", () => {
  const all = choose(80);
  expect(all.choice?.type).toBe("Q4_K");
  expect(all.larger.map(({ type }) => type)).toEqual(["Q8_0", "Q6_K"]);
  const asked = choose(8, { context: { min: 4096 } });
  expect(asked.larger.map(({ type }) => type)).toEqual(["Q6_K"]);
  expect(asked.larger[0]?.perSequence).toBeGreaterThanOrEqual(4096);
});

test("what does not reach the wish is chosen all the same, with what would reach it, and never another cache by itself", () => {
  const { choice, ways, larger } = choose(8, { context: { min: 32_768 } });
  expect(choice).toMatchObject({ type: "Q4_K", loading: { kv: "f16", fits: false } });
  expect(larger).toEqual([]);
  expect(ways.find(({ cache, microBatch }) => cache === "q8_0" && microBatch === undefined)?.enough).toBe(true);
});

test("nothing certified, and nothing that fits", () => {
  expect(choose(8, {}, [])).toMatchObject({ choice: null, candidates: [], larger: [] });
  const { choice } = choose(2);
  expect(choice?.loading).toMatchObject({ context: 0, fits: false });
});

test("a type of the cache that llama.cpp refuses is a row with the reason, and its file no choice", () => {
  const layers = q8.shape.layers.map((layer) => ({ ...layer, keyHead: 80 }));
  const fit = fitFile({ ...q8, shape: { ...q8.shape, layers } }, wishOf(8, { kv: ["q8_0"] }));
  expect(fit.rows).toMatchObject([{ kv: "q8_0", refused: { code: "head-size" } }]);
  expect(fit.loading).toBeNull();
});

test("every row is the model's longest context, for each sequence", () => {
  const wish = wishOf(24, { parallel: 3, kv: ["q8_0"] });
  const { loading } = fitFile(q4, wish);
  const settings = { ...usualSettings, sequences: 3, typeK: "q8_0", typeV: "q8_0" } as const;
  const found = maxContext(q4.shape, settings, 24 * gib - 1.48 * gib);
  expect(found.ok && Math.abs(found.value.context - (loading?.context ?? 0))).toBeLessThanOrEqual(3 * 256);
  expect(loading?.perSequence).toBe((loading?.context ?? 0) / 3);
  const estimate = estimateAccepted(q4.shape, { ...settings, context: loading?.context ?? 0 });
  expect(loading?.gpu).toBe(estimate.gpu);
});

test("without a card the trained length is what is reckoned", () => {
  const { loading } = fitFile(q4, { ...wishOf(8), card: null });
  expect(loading).toMatchObject({ context: 131_072, limit: "trained", fits: true, speed: [] });
});
