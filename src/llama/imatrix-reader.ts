import { ok, type Result } from "../base/result.ts";
import { type FileFlaw, flaw, type OpenBytes, withFile } from "./bytes.ts";
import { type Gguf, type GgufTensor, readWhole } from "./gguf.ts";
import { numberValue, textsValue, textValue } from "./gguf-value.ts";

/** What stands in the header of an importance matrix, besides its tensors. */
export interface ImatrixMetadata {
  /** Names of the texts as they were given to the tool; repeated when matrices were added up. */
  readonly datasets: readonly string[];
  /** The largest count of any tensor or expert, in windows: not what was processed. */
  readonly chunkCount: number;
  /** n_ctx, tokens */
  readonly chunkSize: number;
}

/** Size of a weight's data. */
export interface ImatrixShape {
  /** Inputs of the weight: its row length. */
  readonly width: number;
  /** One for a dense weight, else one for each expert. */
  readonly matrices: number;
}

export interface ImatrixEntry {
  readonly width: number;
  /** Sums of squared activations: `width` for each matrix. */
  readonly sums: Float32Array;
  /** Tokens that went in: one number for a dense weight, else one for each expert. */
  readonly counts: Float32Array;
}

/** An importance matrix whose numbers are read weight by weight, so that only one is held at a time. */
export interface OpenImatrix extends ImatrixMetadata {
  /** By the name of the weight, such as `blk.0.attn_q.weight`, in the order of the file. */
  readonly shapes: ReadonlyMap<string, ImatrixShape>;
  /** Fails for numbers that cannot be; asking for a weight that is not in `shapes` is a bug. */
  readonly entry: (name: string) => Result<ImatrixEntry, FileFlaw>;
  /** The counts alone, when the sums are only to be checked. */
  readonly counts: (name: string) => Result<Float32Array, FileFlaw>;
}

const sumsSuffix = ".in_sum2";
const countsSuffix = ".counts";

/** Sums of one weight, bytes: those of the largest experts of today take 30 MB. */
const mostEntryBytes = 2 ** 28;

/** Opens a GGUF importance matrix for as long as `use` runs, its form checked: pairs of sums and counts that agree. */
export const withImatrix = <T>(path: string, use: (imatrix: OpenImatrix) => Result<T, FileFlaw>): Result<T, FileFlaw> =>
  withFile(path, (file) => {
    const opened = openImatrix(file);
    return opened.ok ? use(opened.value) : opened;
  });

/** Several at once, in their order. */
export const withImatrices = <T>(
  paths: readonly string[],
  use: (imatrices: readonly OpenImatrix[]) => Result<T, FileFlaw>,
  opened: readonly OpenImatrix[] = [],
): Result<T, FileFlaw> => {
  const path = paths[opened.length];
  if (path === undefined) return use(opened);
  return withImatrix(path, (imatrix) => withImatrices(paths, use, [...opened, imatrix]));
};

const openImatrix = (file: OpenBytes): Result<OpenImatrix, FileFlaw> => {
  const header = readWhole(file);
  if (!header.ok) return header;
  const gguf = header.value;
  const metadata = readMetadata(gguf);
  if (!metadata.ok) return metadata;
  const pairs = pairTensors(gguf);
  if (!pairs.ok) return pairs;
  const shapes = new Map([...pairs.value].map(([name, { shape }]) => [name, shape]));
  let memory: Uint8Array<ArrayBuffer> | undefined;
  const read = (name: string, into?: Uint8Array<ArrayBuffer>): Result<ImatrixEntry, FileFlaw> => {
    const pair = pairs.value.get(name);
    if (pair === undefined) throw new Error(`Internal error: no entry ${name}`);
    return readEntry(file, gguf, { name, ...pair, into });
  };
  const counts = (name: string): Result<Float32Array, FileFlaw> => {
    memory ??= new Uint8Array(Math.max(...[...pairs.value.values()].map(({ sums }) => sums.bytes)));
    const entry = read(name, memory);
    return entry.ok ? ok(entry.value.counts) : entry;
  };
  return ok({ ...metadata.value, shapes, entry: (name) => read(name), counts });
};

const readMetadata = ({ metadata }: Gguf): Result<ImatrixMetadata, FileFlaw> => {
  const datasets = textsValue(metadata, "imatrix.datasets");
  const chunkCount = numberValue(metadata, "imatrix.chunk_count");
  const chunkSize = numberValue(metadata, "imatrix.chunk_size");
  if (textValue(metadata, "general.type") !== "imatrix" || datasets === undefined)
    return flaw("is no importance matrix");
  if (chunkCount === undefined || chunkSize === undefined) return flaw("does not say how many windows went into it");
  return ok({ datasets, chunkCount, chunkSize });
};

interface Pair {
  readonly shape: ImatrixShape;
  readonly sums: GgufTensor;
  readonly counts: GgufTensor;
}

const pairTensors = ({ tensors }: Gguf): Result<ReadonlyMap<string, Pair>, FileFlaw> => {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const pairs = new Map<string, Pair>();
  for (const sums of tensors) {
    // Other tensors, such as the plain sums that newer versions may add, do not concern us.
    if (!sums.name.endsWith(sumsSuffix)) continue;
    const name = sums.name.slice(0, -sumsSuffix.length);
    const pair = pairOf(name, sums, byName.get(name + countsSuffix));
    if (!pair.ok) return pair;
    pairs.set(name, pair.value);
  }
  const alone = tensors.find(({ name }) => name.endsWith(countsSuffix) && !pairs.has(cut(name)));
  if (alone !== undefined) return flaw(`has counts but no sums for ${cut(alone.name)}`);
  return pairs.size === 0 ? flaw("holds no data") : ok(pairs);
};

const cut = (name: string): string => name.slice(0, -countsSuffix.length);

const pairOf = (name: string, sums: GgufTensor, counts: GgufTensor | undefined): Result<Pair, FileFlaw> => {
  if (counts === undefined) return flaw(`has sums but no counts for ${name}`);
  if (sums.type.name !== "f32" || counts.type.name !== "f32") return flaw(`has unreadable numbers for ${name}`);
  if (sums.bytes > mostEntryBytes) return flaw(`has ${sums.bytes} bytes for ${name}, more than ${mostEntryBytes}`);
  const [width = 1, ...dims] = sums.dims;
  const matrices = product(dims);
  if (width * matrices === 0 || product(counts.dims) !== matrices)
    return flaw(`has ${product(counts.dims)} counts for the ${matrices} matrices of ${name}`);
  return ok({ shape: { width, matrices }, sums, counts });
};

const product = (dims: readonly number[]): number => dims.reduce((all, dim) => all * dim, 1);

interface PairToRead extends Pair {
  readonly name: string;
  /** Takes the sums. */
  readonly into: Uint8Array<ArrayBuffer> | undefined;
}

const readEntry = (
  file: OpenBytes,
  gguf: Gguf,
  { name, shape: { width }, sums: sumsTensor, counts: countsTensor, into }: PairToRead,
): Result<ImatrixEntry, FileFlaw> => {
  const [sums, counts] = [readFloats(file, gguf, sumsTensor, into), readFloats(file, gguf, countsTensor)];
  if (sums === undefined || counts === undefined) return flaw(`has unreadable numbers for ${name}`);
  if (!areAmounts(sums)) return flaw(`has a sum that is no number for ${name}`);
  if (!areAmounts(counts) || !counts.every(Number.isInteger))
    return flaw(`has a count that is no number of tokens for ${name}`);
  if (counts.some((tokens, at) => tokens === 0 && sums.subarray(at * width, (at + 1) * width).some((sum) => sum > 0)))
    return flaw(`has sums of no tokens for ${name}`);
  return ok({ width, sums, counts });
};

const readFloats = (
  file: OpenBytes,
  gguf: Gguf,
  tensor: GgufTensor,
  into?: Uint8Array<ArrayBuffer>,
): Float32Array | undefined => {
  const bytes = file.read(gguf.dataOffset + tensor.offset, tensor.bytes, into);
  return bytes === undefined ? undefined : new Float32Array(bytes.buffer, 0, tensor.bytes / 4);
};

/** Added to the bits of a float that is not finite, it reaches the sign. */
const lowestExponent = 0x00800000;

/**
 * Finite and not below zero. Bits are looked at and not numbers, without a branch: fifty million of them are then checked
 * in about the time in which they are read. Only -0 has the sign of what is refused, and is looked at again.
 */
const areAmounts = (numbers: Float32Array): boolean => {
  const bits = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const { length } = bits;
  let odd = 0;
  for (let at = 0; at < length; at += 1) {
    // `| 0` keeps the sum a 32-bit number, which takes half the time.
    const word = (bits[at] ?? 0) | 0;
    odd |= word | ((word + lowestExponent) | 0);
  }
  return odd >= 0 || numbers.every((number) => number >= 0 && number < Infinity);
};
