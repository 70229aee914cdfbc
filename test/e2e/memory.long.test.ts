import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelShape } from "../../src/base/model-shape.ts";
import type { CacheType } from "../../src/select/memory/cache-type.ts";
import { isPlain } from "../../src/select/memory/compute-buffer.ts";
import { estimateMemory, type ComponentName, type MemoryEstimate } from "../../src/select/memory/estimate.ts";
import { maxContext } from "../../src/select/memory/max-context.ts";
import { type MemorySettings, usualSettings } from "../../src/select/memory/settings.ts";
import { writeHeaderGguf } from "../rig/header-gguf.ts";
import { type HeaderModel, headerModel, headerModels } from "../rig/header-models.ts";
import { shapeOfModel } from "../rig/header-shape.ts";
import { type Measured, measure } from "../rig/memory-probe.ts";
import { oracle, type Oracle } from "../rig/oracle.ts";
import { type RpcServer, startRpcServer } from "../rig/rpc-server.ts";

/**
 * The memory model against llama.cpp itself, of the version that is pinned. A server on this machine stands for the GPU; the
 * files have real headers and no weights.
 */
const mib = 1024 ** 2;

let tools: Oracle;
let server: RpcServer;
let folder: string;
beforeAll(async () => {
  tools = await oracle();
  server = await startRpcServer(tools.rpcServer);
  folder = mkdtempSync(join(tmpdir(), "memory-"));
}, 3_600_000);
afterAll(async () => {
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});

const base: MemorySettings = { ...usualSettings, device: "other" };

const pairs: readonly (readonly [CacheType, CacheType])[] = [
  ["q8_0", "q8_0"],
  ["q5_1", "q4_0"],
  ["q5_0", "q4_1"],
  ["iq4_nl", "iq4_nl"],
  ["bf16", "f32"],
  ["q4_0", "q4_0"],
];

/** What each model is measured with. Latent attention refuses the pairs that are none. */
const swept: readonly MemorySettings[] = [
  ...[2048, 8192, 32_768, 131_072].flatMap((context) =>
    [128, 512, 2048].flatMap((microBatch) =>
      [true, false].map((flashAttention) => ({ ...base, context, microBatch, flashAttention })),
    ),
  ),
  ...pairs.map(([typeK, typeV]) => ({ ...base, context: 8192, typeK, typeV })),
  { ...base, context: 5000, flashAttention: false },
  { ...base, context: 512 },
  { ...base, context: 32_768, sequences: 4 },
  { ...base, context: 32_768, sequences: 4, unified: true },
  { ...base, context: 10_000, sequences: 3, microBatch: 1024 },
  { ...base, context: 32_768, fullWindow: true, microBatch: 2048 },
];

const everything: readonly MemorySettings[] = [2048, 32_768].flatMap((context) =>
  [true, false].map((flashAttention) => ({ ...base, context, flashAttention, logits: "all" as const })),
);

const partial: readonly MemorySettings[] = [0, 1, 2, 7, 1000].map((gpuLayers) => ({
  ...base,
  context: 4096,
  gpuLayers,
}));

interface Compared {
  readonly settings: MemorySettings;
  readonly found: Measured;
  readonly estimate: MemoryEstimate;
}

/** What both say of the settings that the model takes; fails where one refuses and the other does not. */
const compare = (model: HeaderModel, shape: ModelShape, all: readonly MemorySettings[]): readonly Compared[] => {
  const path = join(folder, `${model.name}.gguf`);
  writeHeaderGguf(path, model);
  const estimates = all.map((settings) => estimateMemory(shape, settings));
  const measured = measure(tools.probe, path, server.address, all);
  return all.flatMap((settings, index) => {
    const [estimate, found] = [estimates[index]!, measured[index]];
    expect({ settings, refused: !estimate.ok }).toEqual({ settings, refused: found === undefined });
    return estimate.ok && found !== undefined ? [{ settings, found, estimate: estimate.value }] : [];
  });
};

const sides = ({ components }: MemoryEstimate, ...names: readonly ComponentName[]): Measured["cache"] => {
  const some = components.filter(({ name }) => names.includes(name));
  return {
    gpu: some.reduce((sum, { gpu }) => sum + gpu, 0),
    cpu: some.reduce((sum, { cpu }) => sum + cpu, 0),
  };
};

const gpuOf = (estimate: MemoryEstimate): number => sides(estimate, "compute").gpu;

/** How far the estimate of the compute buffer may be from what was measured, bytes. */
const tolerance = (shape: ModelShape, { settings, found }: Compared): number => {
  if (isPlain(shape)) return Math.max(0.01 * found.compute.gpu, 2 * mib);
  // Given for a micro-batch of 512; all that is in the buffer grows with it.
  return Math.max(0.1 * found.compute.gpu, 35 * mib * Math.max(1, settings.microBatch / 512));
};

describe.each(headerModels.map((model) => ({ model, name: model.name })))("$name", ({ model }) => {
  it("has the cache, the state and the weights of llama.cpp to the byte, and nearly its compute buffer", () => {
    const shape = shapeOfModel(model.name);
    const compared = compare(model, shape, swept);
    expect(compared.length).toBeGreaterThan(24);
    for (const { settings, found, estimate } of compared) {
      const cache = sides(estimate, "cache", "state");
      const { context, full } = estimate.cells;
      expect({ settings, context: found.context, full: found.perSequence }).toEqual({ settings, context, full });
      expect({ settings, cache, weights: sides(estimate, "weights") }).toEqual({
        settings,
        cache: found.cache,
        weights: found.weights,
      });
    }
    const far = compared.filter(
      (each) => Math.abs(gpuOf(each.estimate) - each.found.compute.gpu) > tolerance(shape, each),
    );
    expect(
      far.map(({ settings, found, estimate }) => [settings, found.compute.gpu / mib, gpuOf(estimate) / mib]),
    ).toEqual([]);
  });

  it("has its layers where llama.cpp has them when not all are on the GPU", () => {
    const compared = compare(model, shapeOfModel(model.name), partial);
    expect(compared.length).toBe(partial.length);
    for (const { settings, found, estimate } of compared) {
      const [cache, weights] = [sides(estimate, "cache", "state"), sides(estimate, "weights")];
      expect({ settings, cache, weights }).toEqual({ settings, cache: found.cache, weights: found.weights });
    }
  });

  it("takes at most a fifth more where all logits are held at once, for the allocator may leave a gap", () => {
    const shape = shapeOfModel(model.name);
    for (const each of compare(model, shape, everything)) {
      const [estimate, found] = [gpuOf(each.estimate), each.found.compute.gpu];
      expect(estimate - found).toBeLessThan(tolerance(shape, each));
      expect(found).toBeLessThan(1.2 * estimate);
    }
  });
});

/** What llama-fit-params is to leave free for a budget of about so many GiB, MiB; the server has all of this machine's memory. */
const keptFor = (gib: number): number => Math.round(totalmem() / mib - 1024 * gib);

/** Longest context that it finds; undefined where not everything fits. */
const fitted = (path: string, kept: number, cache: CacheType): number | undefined => {
  const argv = ["-m", path, "--rpc", server.address, "-fitt", `${kept}`, "-ctk", cache, "-ctv", cache, "-np", "1"];
  const { stdout } = spawnSync(tools.fitParams, argv, { encoding: "utf8" });
  const [, context, layers] = /-c (\d+) -ngl (-?\d+)/.exec(stdout) ?? [];
  return layers === "-1" && !stdout.includes("-ot") ? Number(context) : undefined;
};

describe("the longest context", () => {
  const cases = (["q8_0", "q4_0"] as const).flatMap((weights) =>
    ["llama-3.1-8b", "llama-2-7b", "llama-3.2-1b", "qwen3-8b", "gemma-3-12b"].flatMap((name) =>
      [5, 6, 7, 8, 9, 10, 11, 12, 14].flatMap((gib) =>
        (["f16", "q8_0"] as const).map((cache) => ({ weights, name, gib, cache })),
      ),
    ),
  );

  it("is the one that llama-fit-params finds, in all cases in which everything fits", () => {
    const found = cases.flatMap(({ weights, name, gib, cache }) => {
      const path = join(folder, `${name}-${weights}.gguf`);
      const types = (tensor: string): string | undefined => (/norm|freqs|bias/.test(tensor) ? undefined : weights);
      writeHeaderGguf(path, headerModel(name), types);
      const shape = shapeOfModel(name, types);
      const kept = keptFor(gib);
      const theirs = fitted(path, kept, cache);
      const settings: MemorySettings = { ...base, logits: "all", typeK: cache, typeV: cache };
      const ours = maxContext(shape, settings, totalmem() - kept * mib);
      if (!ours.ok || theirs === undefined) return [];
      const { context, limit } = ours.value;
      return [{ name, weights, gib, cache, theirs, ours: context, limit }];
    });
    expect(found.filter(({ ours, theirs }) => ours !== theirs)).toEqual([]);
    // Those that the trained length ends say little.
    expect(found.filter(({ limit }) => limit === "memory").length).toBeGreaterThanOrEqual(24);
  });
});
