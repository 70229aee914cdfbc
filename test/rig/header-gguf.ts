import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ggmlTypes, tensorBytes } from "../../src/llama/ggml-types.ts";
import { headerBytes, type TensorLength } from "../llama/gguf-writer.ts";
import { entriesOf, type HeaderModel } from "./header-models.ts";
import { type Part, partsOf } from "./header-tensors.ts";

/** Type of a tensor, as llama.cpp prints it, such as `q4_K`; undefined for the usual one. */
export type Types = (name: string) => string | undefined;

/**
 * Writes a file that has the header of a model and its length, and takes a few kilobytes of disk: the rest is a hole. It
 * can be loaded, measured and asked for dry runs like the real one.
 */
export const writeHeaderGguf = (path: string, model: HeaderModel, types: Types = () => undefined): void => {
  const { header, length } = headerGguf(model, types);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, header);
  truncateSync(path, length);
};

/** The header, and the length of the file that it begins. */
export const headerGguf = (
  model: HeaderModel,
  types: Types = () => undefined,
): { readonly header: Buffer; readonly length: number } =>
  headerBytes(
    entriesOf(model),
    partsOf(model).map((part) => tensorOf(part, types(part.name) ?? usualType(model, part))),
  );

/** As converted for quantizing: matrices in half precision; gpt-oss comes with its experts in four bits. */
const usualType = ({ architecture }: HeaderModel, { kind }: Part): string => {
  if (kind === "plain") return "f32";
  if (architecture !== "gpt-oss") return "f16";
  return kind === "experts" ? "mxfp4" : "q8_0";
};

const numbers: ReadonlyMap<string, number> = new Map([...ggmlTypes].map(([number, { name }]) => [name, number]));

const tensorOf = ({ name, dims }: Part, type: string): TensorLength => {
  const [number, bytes] = [numbers.get(type), tensorBytes(type, dims)];
  if (number === undefined || bytes === undefined) throw new Error(`${name} cannot be of the type ${type}`);
  return { name, dims, type: number, bytes };
};
