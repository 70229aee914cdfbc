import type { ModelShape } from "../../src/base/model-shape.ts";
import { parseGguf } from "../../src/llama/gguf.ts";
import { modelShape } from "../../src/llama/model-shape.ts";
import { headerGguf, type Types } from "./header-gguf.ts";
import { headerModel } from "./header-models.ts";

/** The shape of a model of the list, through the bytes of its header. */
export const shapeOfModel = (name: string, types?: Types): ModelShape => {
  const { header } = headerGguf(headerModel(name), types);
  const gguf = parseGguf(memoryBytes(header));
  if (!gguf.ok) throw new Error(gguf.error.why);
  const shape = modelShape(gguf.value);
  if (!shape.ok) throw new Error(shape.error.why);
  return shape.value;
};

/** Bytes as if they were an open file. */
export const memoryBytes = (bytes: Uint8Array): Parameters<typeof parseGguf>[0] => ({
  size: bytes.length,
  read: (offset, length) =>
    offset + length > bytes.length ? undefined : new Uint8Array(bytes.subarray(offset, offset + length)),
});
