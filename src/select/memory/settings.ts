import type { CacheType } from "./cache-type.ts";

/** How a model is to be loaded: the flags of llama.cpp that change its memory. */
export interface MemorySettings {
  /** `-c`, tokens of all sequences together; 0 is the trained context. */
  readonly context: number;
  /** `-b` and `-ub`, tokens. */
  readonly batch: number;
  readonly microBatch: number;
  /** `-np` */
  readonly sequences: number;
  /** `-kvu`: the sequences share one cache. */
  readonly unified: boolean;
  /** `-ctk` and `-ctv` */
  readonly typeK: CacheType;
  readonly typeV: CacheType;
  readonly flashAttention: boolean;
  /** `--swa-full`: layers with a window keep everything all the same. */
  readonly fullWindow: boolean;
  /** `-ngl`: layers on the GPU from the last one down, the output counted as one. */
  readonly gpuLayers: number | "all";
  /**
   * Rows of logits that the compute buffer holds at once. `sequences`: as llama-server, one for each; `all`: as many as
   * the micro-batch has tokens, as llama-perplexity, llama-cli and llama-fit-params.
   */
  readonly logits: "sequences" | "all";
  readonly device: DeviceKind;
}

/** What the GPU's side of the memory is made by. `other`: Metal, Vulkan, RPC, whose buffers have no surplus. */
export type DeviceKind = "cuda" | "other" | "none";

/** llama-server with one sequence, everything on the GPU, flash attention on. */
export const usualSettings: MemorySettings = {
  context: 0,
  batch: 2048,
  microBatch: 512,
  sequences: 1,
  unified: false,
  typeK: "f16",
  typeV: "f16",
  flashAttention: true,
  fullWindow: false,
  gpuLayers: "all",
  logits: "sequences",
  device: "cuda",
};
