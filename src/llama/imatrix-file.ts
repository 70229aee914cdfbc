import { ok, type Result } from "../base/result.ts";
import { type FileFlaw, flaw, type OpenBytes, withFile } from "./bytes.ts";
import { type Gguf, type GgufTensor, readWhole } from "./gguf.ts";
import { numberValue, textsValue, textValue } from "./gguf-value.ts";

/** An importance matrix as llama-imatrix writes it (tools/imatrix/imatrix.cpp, save_imatrix). */
export interface Imatrix {
  /** Names of the texts as they were given to the tool; repeated when matrices were added up. */
  readonly datasets: readonly string[];
  /** The largest count of any tensor or expert, in windows: not what was processed. */
  readonly chunkCount: number;
  /** n_ctx, tokens */
  readonly chunkSize: number;
  /** By the name of the weight, such as `blk.0.attn_q.weight`. */
  readonly entries: ReadonlyMap<string, ImatrixEntry>;
}

export interface ImatrixEntry {
  /** Inputs of the weight: its row length. */
  readonly width: number;
  /** Sums of squared activations: `width` for each matrix. */
  readonly sums: Float32Array;
  /** Tokens that went in: one number for a dense weight, else one for each expert. */
  readonly counts: Float32Array;
}

/** Sums and counts that are held in memory at most, bytes. */
const mostBytes = 2 ** 30;
const sumsSuffix = ".in_sum2";
const countsSuffix = ".counts";

/** Reads a GGUF importance matrix and checks its form: pairs of sums and counts that agree, all of them finite. */
export const readImatrix = (path: string): Result<Imatrix, FileFlaw> => withFile(path, readOpen);

const readOpen = (file: OpenBytes): Result<Imatrix, FileFlaw> => {
  const header = readWhole(file);
  if (!header.ok) return header;
  const gguf = header.value;
  const datasets = textsValue(gguf.metadata, "imatrix.datasets");
  const chunkCount = numberValue(gguf.metadata, "imatrix.chunk_count");
  const chunkSize = numberValue(gguf.metadata, "imatrix.chunk_size");
  if (textValue(gguf.metadata, "general.type") !== "imatrix" || datasets === undefined)
    return flaw("is no importance matrix");
  if (chunkCount === undefined || chunkSize === undefined) return flaw("does not say how many windows went into it");
  const entries = readEntries(file, gguf);
  return entries.ok ? ok({ datasets, chunkCount, chunkSize, entries: entries.value }) : entries;
};

const readEntries = (file: OpenBytes, gguf: Gguf): Result<ReadonlyMap<string, ImatrixEntry>, FileFlaw> => {
  if (gguf.bytes > mostBytes) return flaw(`holds more than ${mostBytes} bytes`);
  const tensors = new Map(gguf.tensors.map((tensor) => [tensor.name, tensor]));
  const entries = new Map<string, ImatrixEntry>();
  for (const sums of gguf.tensors) {
    // Other tensors, such as the plain sums that newer versions may add, do not concern us.
    if (!sums.name.endsWith(sumsSuffix)) continue;
    const name = sums.name.slice(0, -sumsSuffix.length);
    const entry = readEntry(file, gguf, name, sums, tensors.get(name + countsSuffix));
    if (!entry.ok) return entry;
    entries.set(name, entry.value);
  }
  const alone = gguf.tensors.find(({ name }) => name.endsWith(countsSuffix) && !entries.has(cut(name)));
  if (alone !== undefined) return flaw(`has counts but no sums for ${cut(alone.name)}`);
  return entries.size === 0 ? flaw("holds no data") : ok(entries);
};

const cut = (name: string): string => name.slice(0, -countsSuffix.length);

const readEntry = (
  file: OpenBytes,
  gguf: Gguf,
  name: string,
  sumsTensor: GgufTensor,
  countsTensor: GgufTensor | undefined,
): Result<ImatrixEntry, FileFlaw> => {
  if (countsTensor === undefined) return flaw(`has sums but no counts for ${name}`);
  const [sums, counts] = [readFloats(file, gguf, sumsTensor), readFloats(file, gguf, countsTensor)];
  if (sums === undefined || counts === undefined) return flaw(`has unreadable numbers for ${name}`);
  const [width = 1, ...matrices] = sumsTensor.dims;
  const count = matrices.reduce((product, dim) => product * dim, 1);
  if (sums.length === 0 || counts.length !== count)
    return flaw(`has ${counts.length} counts for the ${count} matrices of ${name}`);
  if (!sums.every((sum) => Number.isFinite(sum) && sum >= 0)) return flaw(`has a sum that is no number for ${name}`);
  if (!counts.every((tokens) => Number.isInteger(tokens) && tokens >= 0))
    return flaw(`has a count that is no number of tokens for ${name}`);
  return ok({ width, sums, counts });
};

const readFloats = (file: OpenBytes, gguf: Gguf, tensor: GgufTensor): Float32Array | undefined => {
  if (tensor.type.name !== "f32") return undefined;
  const bytes = file.read(gguf.dataOffset + tensor.offset, tensor.bytes);
  return bytes === undefined ? undefined : new Float32Array(bytes.buffer);
};

/** What an importance matrix does and does not cover. */
export interface Coverage {
  /** Weights of the model's blocks without data: the output is quantized as if there were no matrix there. */
  readonly missing: readonly string[];
  /** Weight → experts no token was sent to; they get equal weights. */
  readonly idleExperts: ReadonlyMap<string, number>;
}

/**
 * Checks an importance matrix against the run that made it: each dense weight saw all of `tokens`, and each name and
 * width is the model's. Missing weights are told, not refused: which ones a graph never runs depends on the architecture
 * (blocks for multi-token prediction, for one).
 *
 * @param tokens windows times n_ctx, of all inputs of a merge together
 */
export const checkImatrix = (imatrix: Imatrix, tokens: number, model: Gguf): Result<Coverage, FileFlaw> => {
  const weights = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  const idleExperts = new Map<string, number>();
  for (const [name, { width, counts }] of imatrix.entries) {
    const row = weights.get(name)?.dims[0];
    if (row === undefined) return flaw(`has data for ${name}, which the model does not have`);
    if (row !== width) return flaw(`has ${width} inputs for ${name}, where the model has ${row}`);
    const idle = counts.filter((count) => count === 0).length;
    if (counts.length === 1 && !isCount(counts[0] ?? 0, tokens))
      return flaw(`saw ${counts[0] ?? 0} tokens at ${name}, not ${tokens}`);
    if (idle > 0) idleExperts.set(name, idle);
  }
  return ok({ missing: matrixNames(model).filter((name) => !imatrix.entries.has(name)), idleExperts });
};

/** Counts are floats: exact up to 2^24, and each addition above it may round. */
const isCount = (count: number, tokens: number): boolean =>
  tokens <= 2 ** 24 ? count === tokens : Math.abs(count - tokens) <= tokens * 2 ** -20;

/** Weights of the blocks that are matrices, hence multiplied, and quantized by llama-quantize. */
const matrixNames = (model: Gguf): readonly string[] =>
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
