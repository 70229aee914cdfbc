import type { ModelShape, TensorShape } from "../base/model-shape.ts";
import { err, ok, type Result } from "../base/result.ts";
import { tensorBytes } from "./ggml-types.ts";
import type { QuantizeRun } from "./quantize.ts";

/**
 * The shape that the model has once it is quantized, by what a dry run of llama-quantize has said: so a quant that does not
 * exist yet can be reckoned with. The error is the name of a tensor whose new type is not known here or does not fit its rows.
 */
export const quantizedShape = (shape: ModelShape, { tensors }: QuantizeRun): Result<ModelShape, string> => {
  const types = new Map(tensors.map(({ name, to }) => [name, to]));
  const changed: TensorShape[] = [];
  for (const tensor of shape.tensors) {
    const type = types.get(tensor.name) ?? tensor.type;
    const bytes = tensorBytes(type, tensor.dims);
    if (bytes === undefined) return err(tensor.name);
    changed.push({ ...tensor, type, bytes });
  }
  return ok({ ...shape, tensors: changed });
};
