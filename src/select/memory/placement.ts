import type { ModelShape } from "../../base/model-shape.ts";
import type { MemorySettings } from "./settings.ts";

/** Bytes on the GPU and in the main memory. */
export interface Split {
  readonly gpu: number;
  readonly cpu: number;
}

export const noBytes: Split = { gpu: 0, cpu: 0 };

export const addSplits = (a: Split, b: Split): Split => ({ gpu: a.gpu + b.gpu, cpu: a.cpu + b.cpu });

/**
 * Whether a layer lies on the GPU. The output counts as the layer behind the last one, so it goes first
 * (`get_layer_buft_list` in llama-model.cpp).
 */
export const onGpu = (shape: ModelShape, { gpuLayers, device }: MemorySettings, layer: number): boolean => {
  if (device === "none") return false;
  return gpuLayers === "all" || layer >= shape.blocks + 1 - gpuLayers;
};

/** Whether all layers and the output lie on the GPU. */
export const isWhollyOnGpu = (shape: ModelShape, settings: MemorySettings): boolean => onGpu(shape, settings, 0);

export const placed = (bytes: number, gpu: boolean): Split => (gpu ? { gpu: bytes, cpu: 0 } : { gpu: 0, cpu: bytes });
