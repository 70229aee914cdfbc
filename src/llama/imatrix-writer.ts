import { closeSync, openSync, writeSync } from "node:fs";
import { byCodeUnit } from "../base/canonical.ts";
import { ok, type Result } from "../base/result.ts";
import type { FileFlaw } from "./bytes.ts";
import type { ImatrixEntry, ImatrixMetadata, ImatrixShape } from "./imatrix-reader.ts";

/**
 * Writes an importance matrix byte for byte as llama-imatrix would (tools/imatrix/imatrix.cpp, save_imatrix): the same
 * keys in the same order, weights by name. So the same data have the same digest, whoever wrote them.
 * @param entryOf is asked for each weight once, in the order of the file; the first flaw ends it, and the file is no good
 * @throws what node:fs throws
 */
export const writeImatrix = (
  path: string,
  metadata: ImatrixMetadata,
  shapes: ReadonlyMap<string, ImatrixShape>,
  entryOf: (name: string) => Result<ImatrixEntry, FileFlaw>,
): Result<null, FileFlaw> => {
  const names = [...shapes.keys()].sort(byCodeUnit);
  const file = openSync(path, "w");
  try {
    writeAll(file, padded(header(metadata, names, shapes)));
    for (const name of names) {
      const entry = entryOf(name);
      if (!entry.ok) return entry;
      for (const numbers of [entry.value.sums, entry.value.counts]) writeAll(file, padded(bytesOf(numbers)));
    }
    return ok(null);
  } finally {
    closeSync(file);
  }
};

/** A write may be shorter than it was asked for, as at the limit of a file system. */
const writeAll = (file: number, bytes: Uint8Array): void => {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
};

const bytesOf = (numbers: Float32Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** The format's own when a file names none. */
const alignment = 32;

const padded = (bytes: Uint8Array): Uint8Array => {
  const rest = bytes.length % alignment;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(alignment - rest)]);
};

/** Numbers of `enum gguf_type` in ggml/include/gguf.h. */
const types = { u32: 4, string: 8, array: 9 };

const header = (
  { datasets, chunkCount, chunkSize }: ImatrixMetadata,
  names: readonly string[],
  shapes: ReadonlyMap<string, ImatrixShape>,
): Buffer =>
  Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(2 * names.length),
    u64(4),
    text("general.type"),
    u32(types.string),
    text("imatrix"),
    text("imatrix.datasets"),
    u32(types.array),
    u32(types.string),
    u64(datasets.length),
    ...datasets.map(text),
    text("imatrix.chunk_count"),
    u32(types.u32),
    u32(chunkCount),
    text("imatrix.chunk_size"),
    u32(types.u32),
    u32(chunkSize),
    ...tensorInfos(names, shapes),
  ]);

const tensorInfos = (names: readonly string[], shapes: ReadonlyMap<string, ImatrixShape>): Buffer[] => {
  let offset = 0;
  const info = (name: string, row: number, matrices: number): Buffer => {
    // Dimensions of one at the end are left out.
    const dims = matrices === 1 ? [row] : [row, matrices];
    const at = offset;
    offset += Math.ceil((4 * row * matrices) / alignment) * alignment;
    // Type 0 is f32.
    return Buffer.concat([text(name), u32(dims.length), ...dims.map(u64), u32(0), u64(at)]);
  };
  return names.flatMap((name) => {
    const { width, matrices } = shapes.get(name) ?? { width: 0, matrices: 0 };
    return [info(`${name}.in_sum2`, width, matrices), info(`${name}.counts`, 1, matrices)];
  });
};

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
