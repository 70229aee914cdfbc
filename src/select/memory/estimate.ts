import type { ModelShape, ShapeAssumption } from "../../base/model-shape.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { cacheBytes, stateBytes } from "./cache.ts";
import { type Cells, cellsOf } from "./cells.ts";
import { copyBytes, deviceComputeBytes, hostComputeBytes, logitRows } from "./compute-buffer.ts";
import { isWhollyOnGpu, onGpu, type Split } from "./placement.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { MemorySettings } from "./settings.ts";
import { weightBytes } from "./weights.ts";

/** How a number came to be: what llama.cpp allocates, byte for byte · a closed form near to it · a rule of thumb. */
export type How = "exact" | "modelled" | "assumed";

export type ComponentName = "weights" | "cache" | "state" | "compute" | "output";

/** One part of the memory, bytes on each side. */
export interface Component extends Split {
  readonly name: ComponentName;
  readonly how: How;
}

export interface MemoryEstimate {
  readonly settings: MemorySettings;
  /** What llama.cpp makes of the context that is asked for. */
  readonly cells: Cells;
  readonly components: readonly Component[];
  /** Sums of the components, bytes. */
  readonly gpu: number;
  readonly cpu: number;
  /** The part of `compute` that is CUDA's copy of a cache in another type than f16, at most; bytes. */
  readonly copy: number;
  readonly assumptions: readonly ShapeAssumption[];
  /** Layers lie on both sides: the compute buffers of both are then reckoned as if each had all. */
  readonly partial: boolean;
}

/** What a model takes that is loaded with these settings. Margins are the budget's matter (budget.ts). */
export const estimateMemory = (shape: ModelShape, settings: MemorySettings): Result<MemoryEstimate, Refusal> => {
  const refused = refusal(shape, settings);
  return refused === undefined ? ok(estimateAccepted(shape, settings)) : err(refused);
};

/** `estimateMemory` of settings that `refusal` has nothing against. */
export const estimateAccepted = (shape: ModelShape, settings: MemorySettings): MemoryEstimate => {
  const cells = cellsOf(shape, settings);
  const components = componentsOf(shape, settings, cells);
  return {
    settings,
    cells,
    components,
    gpu: components.reduce((sum, { gpu }) => sum + gpu, 0),
    cpu: components.reduce((sum, { cpu }) => sum + cpu, 0),
    copy: copyBytes(shape, settings, cells),
    assumptions: shape.assumptions,
    partial: settings.device !== "none" && onGpu(shape, settings, shape.blocks) && !isWhollyOnGpu(shape, settings),
  };
};

const componentsOf = (shape: ModelShape, settings: MemorySettings, cells: Cells): readonly Component[] => {
  const [weights, cache, compute] = [howWeights(shape, settings), howCache(shape), howCompute(shape, settings)];
  return [
    { name: "weights", how: weights, ...weightBytes(shape, settings) },
    { name: "cache", how: cache, ...cacheBytes(shape, settings, cells) },
    { name: "state", how: cache, ...stateBytes(shape, settings) },
    { name: "compute", how: compute, ...computeBytes(shape, settings, cells) },
    { name: "output", how: "modelled", gpu: 0, cpu: 4 * logitRows(settings, cells.tokens) * shape.vocabulary },
  ];
};

const has = (shape: ModelShape, ...some: readonly ShapeAssumption[]): boolean =>
  some.some((each) => shape.assumptions.includes(each));

const howWeights = (shape: ModelShape, { device }: MemorySettings): How =>
  // What CUDA adds to a tensor was read in its source and not measured.
  has(shape, "unknown-architecture", "draft-layers") || device === "cuda" ? "modelled" : "exact";

const howCache = (shape: ModelShape): How => {
  if (has(shape, "unknown-architecture", "unmodelled-cache")) return "assumed";
  return has(shape, "unmeasured-cache") ? "modelled" : "exact";
};

const howCompute = (shape: ModelShape, settings: MemorySettings): How => {
  const partial = settings.device !== "none" && !isWhollyOnGpu(shape, settings);
  return partial || has(shape, "unknown-architecture", "unmodelled-cache") ? "assumed" : "modelled";
};

const computeBytes = (shape: ModelShape, settings: MemorySettings, cells: Cells): Split => {
  const device = deviceComputeBytes(shape, settings, cells);
  // On the processor alone the embeddings lie in the same buffer.
  if (settings.device === "none") return { gpu: 0, cpu: device + 4 * cells.tokens * shape.width };
  const host = hostComputeBytes(shape, settings, cells);
  return isWhollyOnGpu(shape, settings) ? { gpu: device, cpu: host } : { gpu: device, cpu: device + host };
};
