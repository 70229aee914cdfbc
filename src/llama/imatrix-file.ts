import { ok, type Result } from "../base/result.ts";
import { type FileFlaw, flaw } from "./bytes.ts";
import type { Gguf } from "./gguf.ts";
import { type ImatrixEntry, type ImatrixMetadata, type OpenImatrix, withImatrix } from "./imatrix-reader.ts";

/** An importance matrix as llama-imatrix writes it (tools/imatrix/imatrix.cpp, save_imatrix), all of it in memory. */
export interface Imatrix extends ImatrixMetadata {
  /** By the name of the weight, such as `blk.0.attn_q.weight`. */
  readonly entries: ReadonlyMap<string, ImatrixEntry>;
}

/** Sums and counts that are held in memory at most, bytes. */
const mostBytes = 2 ** 30;

/** Reads a GGUF importance matrix and checks its form: pairs of sums and counts that agree, all of them finite. */
export const readImatrix = (path: string): Result<Imatrix, FileFlaw> =>
  withImatrix(path, ({ shapes, entry, counts: _counts, ...metadata }) => {
    const bytes = [...shapes.values()].reduce((sum, { width, matrices }) => sum + 4 * (width + 1) * matrices, 0);
    if (bytes > mostBytes) return flaw(`holds more than ${mostBytes} bytes`);
    const entries = new Map<string, ImatrixEntry>();
    for (const name of shapes.keys()) {
      const read = entry(name);
      if (!read.ok) return read;
      entries.set(name, read.value);
    }
    return ok({ ...metadata, entries });
  });

/** What an importance matrix does and does not cover. */
export interface Coverage {
  /** Weights of the model's blocks without data: the output is quantized as if there were no matrix there. */
  readonly missing: readonly string[];
  /** Weight → tokens that reached it, or each of its experts. */
  readonly counts: ReadonlyMap<string, Float32Array>;
}

/**
 * Checks an importance matrix against the run that made it: each dense weight saw all of `tokens`, and each name and
 * width is the model's. Missing weights are told, not refused: which ones a graph never runs depends on the architecture
 * (blocks for multi-token prediction, for one).
 *
 * @param tokens windows times n_ctx, of all inputs of a merge together
 */
export const checkImatrix = (imatrix: OpenImatrix, tokens: number, model: Gguf): Result<Coverage, FileFlaw> => {
  const misfit = findMisfit(imatrix, model);
  if (misfit !== undefined) return flaw(misfit);
  const counts = readCounts(imatrix);
  if (!counts.ok) return counts;
  for (const [name, { length, 0: dense = 0 }] of counts.value)
    if (length === 1 && !isCount(dense, tokens)) return flaw(`saw ${dense} tokens at ${name}, not ${tokens}`);
  return ok({ missing: weightNames(model).filter((name) => !imatrix.shapes.has(name)), counts: counts.value });
};

/** Weight → tokens that reached it, or each of its experts. Its sums are looked at as well. */
export const readCounts = ({ shapes, counts: countsOf }: OpenImatrix): Result<Coverage["counts"], FileFlaw> => {
  const counts = new Map<string, Float32Array>();
  for (const name of shapes.keys()) {
    const read = countsOf(name);
    if (!read.ok) return read;
    counts.set(name, read.value);
  }
  return ok(counts);
};

/** Why it is of another model: a weight that this one does not have, or not of that size. */
export const findMisfit = ({ shapes }: Pick<OpenImatrix, "shapes">, model: Gguf): string | undefined => {
  const weights = new Map(model.tensors.map((tensor) => [tensor.name, tensor.dims]));
  for (const [name, { width, matrices }] of shapes) {
    const [row, , experts = 1] = weights.get(name) ?? [];
    if (row === undefined) return `has data for ${name}, which the model does not have`;
    if (row !== width) return `has ${width} inputs for ${name}, where the model has ${row}`;
    // Weights of three dimensions that are no experts are collected as one.
    if (matrices !== 1 && matrices !== experts)
      return `has ${matrices} matrices for ${name}, where the model has ${experts}`;
  }
  return undefined;
};

/** Counts are floats: exact up to 2^24, and each addition above it may round. */
const isCount = (count: number, tokens: number): boolean =>
  tokens <= 2 ** 24 ? count === tokens : Math.abs(count - tokens) <= tokens * 2 ** -20;

/** Weights of the blocks that are matrices, hence multiplied, and quantized by llama-quantize. */
export const weightNames = (model: Gguf): readonly string[] =>
  model.tensors
    .filter(({ name, dims }) => name.startsWith("blk.") && name.endsWith(".weight") && (dims[1] ?? 1) > 1)
    .map(({ name }) => name)
    .filter((name) => !/norm|_conv1d|ffn_gate_inp/.test(name));

/** Bytes of a tensor's entry in the header, and of the space up to the next one: names have 63 at most. */
const entryBytes = 160;

/**
 * Bytes that the importance matrix of a model takes at most: for each of its matrices a float an input, a count, and for
 * both an entry in the header. 4 KiB are for the fixed keys.
 */
export const imatrixBytes = (model: Gguf): number =>
  model.tensors
    .filter(({ dims }) => (dims[1] ?? 1) > 1)
    .reduce((sum, { dims: [width = 0, , experts = 1] }) => sum + 4 * (width + 1) * experts + 2 * entryBytes, 4096);
