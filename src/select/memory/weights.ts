import type { ModelShape, TensorShape } from "../../base/model-shape.ts";
import { roundUp } from "./cells.ts";
import { addSplits, noBytes, onGpu, placed, type Split } from "./placement.ts";
import type { MemorySettings } from "./settings.ts";

/** Stay in the main memory whatever is offloaded: a row of them is looked up (`LLM_TENSOR_LAYER_INPUT`). */
const inputs = /^(?:token_embd|position_embd|token_types|per_layer_token_embd|hrm_z_l_init)\b/;
/** Belongs to the first layer and not to the input; in LFM2 it is the norm before the output. */
const embeddingNorm = /^token_embd_norm\b/;
/** Needed by each layer, so both sides have them where layers are on both. */
const ofEachLayer = /^rope_(?:freqs|factors_long|factors_short)\b/;

/** What the tensors take where they are loaded to. */
export const weightBytes = (shape: ModelShape, settings: MemorySettings): Split => {
  const tied = !shape.tensors.some(({ name }) => name === "output.weight");
  return shape.tensors.map((tensor) => tensorSplit(tensor, shape, settings, tied)).reduce(addSplits, noBytes);
};

const tensorSplit = (tensor: TensorShape, shape: ModelShape, settings: MemorySettings, tied: boolean): Split => {
  const { name } = tensor;
  const [gpu, cpu] = [gpuBytes(tensor, settings), roundUp(tensor.bytes, 32)];
  const put = (layer: number): Split => (onGpu(shape, settings, layer) ? placed(gpu, true) : placed(cpu, false));
  const layer = layerOf(name);
  // Layers for drafting are skipped.
  if (layer !== undefined) return layer < shape.layers.length ? put(layer) : noBytes;
  if (embeddingNorm.test(name)) return put(shape.architecture.startsWith("lfm2") ? shape.blocks : 0);
  if (ofEachLayer.test(name)) return ropeSplit(shape, settings, { gpu, cpu });
  if (!inputs.test(name)) return put(shape.blocks);
  // Without an output matrix the embedding is loaded a second time in its place, if that is elsewhere.
  const twice = tied && name === "token_embd.weight" && onGpu(shape, settings, shape.blocks);
  return { gpu: twice ? gpu : 0, cpu };
};

const ropeSplit = (shape: ModelShape, settings: MemorySettings, bytes: Split): Split => {
  const last = onGpu(shape, settings, shape.layers.length - 1);
  return { gpu: last ? bytes.gpu : 0, cpu: onGpu(shape, settings, 0) ? 0 : bytes.cpu };
};

/** The layer in a tensor's name. */
export const layerOf = (name: string): number | undefined => {
  const digits = /^blk\.(\d+)\./.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/**
 * CUDA aligns tensors to 128 bytes and fills the rows of quantized ones up to 512 numbers (ggml-cuda.cu,
 * `ggml_backend_cuda_buffer_type_get_alloc_size`); the others are aligned to 32 bytes.
 */
const gpuBytes = ({ type, dims, bytes }: TensorShape, { device }: MemorySettings): number => {
  if (device !== "cuda") return roundUp(bytes, 32);
  const row = dims[0] ?? 0;
  const surplus = plainTypes.has(type) || row === 0 ? 0 : (bytes / rowsOf(dims) / row) * ((512 - (row % 512)) % 512);
  return roundUp(bytes + surplus, 128);
};

const plainTypes: ReadonlySet<string> = new Set(["f32", "f16", "bf16", "f64", "i8", "i16", "i32", "i64"]);

const rowsOf = ([, ...rest]: readonly number[]): number => rest.reduce((product, each) => product * each, 1);
