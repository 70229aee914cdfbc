import { ok, type Result } from "../base/result.ts";
import { type FileFlaw, flaw, type OpenBytes, withFile } from "./bytes.ts";
import { type Cursor, openCursor } from "./cursor.ts";
import { type GgmlType, ggmlTypes } from "./ggml-types.ts";
import { type GgufValue, readValue } from "./gguf-value.ts";

/** The header of a GGUF file: all but the tensors' data. Format: docs/gguf.md of ggml, ggml/src/gguf.cpp. */
export interface Gguf {
  readonly version: 2 | 3;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** In the order of the file. */
  readonly tensors: readonly GgufTensor[];
  /** bytes, a power of two */
  readonly alignment: number;
  /** Where the tensors' data begins in the file, bytes. */
  readonly dataOffset: number;
  /** Length that the file has at least when it is whole: up to the end of its last tensor, bytes. */
  readonly bytes: number;
}

export interface GgufTensor {
  readonly name: string;
  /** Row length first; at most four. */
  readonly dims: readonly number[];
  readonly type: GgmlType;
  /** From `dataOffset`, bytes. */
  readonly offset: number;
  readonly bytes: number;
}

/**
 * What a header may hold. Far above real ones (the largest vocabularies have 262,144 tokens, the largest models some
 * thousand tensors), far below what would hurt. Each count is checked against them and the bytes left before anything
 * is allocated.
 */
const limits = { headerBytes: 128 * 1024 * 1024, entries: 65_536, tensors: 262_144, keyBytes: 65_535, nameBytes: 63 };

/** Reads the header of `path`, strictly, as llama.cpp would. Does not look at the tensors' data. */
export const readGguf = (path: string): Result<Gguf, FileFlaw> => withFile(path, parseGguf);

/** Reads the header and checks that the file is long enough for every tensor. */
export const checkGguf = (path: string): Result<Gguf, FileFlaw> => withFile(path, readWhole);

/** Whether a file begins as one of GGUF does, whatever follows; not when it cannot be read. */
export const beginsAsGguf = (path: string): boolean => {
  const begins = withFile(path, (file) => ok(Buffer.from(file.read(0, 4) ?? []).toString("latin1") === "GGUF"));
  return begins.ok && begins.value;
};

/** `checkGguf` of an open file. */
export const readWhole = (file: OpenBytes): Result<Gguf, FileFlaw> => {
  const header = parseGguf(file);
  if (!header.ok || file.size >= header.value.bytes) return header;
  return flaw(`is ${file.size} bytes long, but its tensors need ${header.value.bytes}`);
};

/** `readGguf` of bytes from anywhere; of a file as long as `file.size` only the header is asked for. */
export const parseGguf = (file: OpenBytes): Result<Gguf, FileFlaw> => {
  const cursor = openCursor(file, limits.headerBytes);
  const version = readVersion(cursor);
  const tensorCount = readCount(cursor, "tensors", limits.tensors);
  const entryCount = readCount(cursor, "metadata entries", limits.entries);
  const metadata = readMetadata(cursor, entryCount);
  const alignment = readAlignment(cursor, metadata);
  const tensors = readTensors(cursor, tensorCount, alignment);
  const why = cursor.why();
  if (why !== undefined) return flaw(why);
  const dataOffset = tensors.length === 0 ? cursor.position() : alignUp(cursor.position(), alignment);
  const last = tensors.at(-1);
  const bytes = dataOffset + (last === undefined ? 0 : last.offset + last.bytes);
  return ok({ version, metadata, tensors, alignment, dataOffset, bytes });
};

const magic = 0x46554747; // "GGUF", little-endian

const readVersion = (cursor: Cursor): 2 | 3 => {
  if (cursor.left() < 24) cursor.fail("is too short for a GGUF header");
  const found = cursor.u32();
  // llama-quantize writes zeros first and the header last.
  if (found === 0) cursor.fail("begins with zeros in place of GGUF, so its writer did not finish");
  if (found !== magic) cursor.fail("is no GGUF file");
  const version = cursor.u32();
  if (version === 2 || version === 3) return version;
  const swapped = version !== 0 && (version & 0xffff) === 0;
  cursor.fail(swapped ? "is a big-endian GGUF file" : `has GGUF version ${version}, not 2 or 3`);
  return 3;
};

const readCount = (cursor: Cursor, what: string, most: number): number => {
  const count = cursor.count(`a number of ${what}`);
  if (count > most) cursor.fail(`has ${count} ${what}, more than ${most}`);
  return count;
};

const readMetadata = (cursor: Cursor, count: number): ReadonlyMap<string, GgufValue> => {
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < count && cursor.why() === undefined; index += 1) {
    const key = cursor.text("a key", limits.keyBytes);
    if (key === "") cursor.fail(`has an empty key at entry ${index + 1}`);
    if (metadata.has(key)) cursor.fail(`has the key ${quote(key)} twice`);
    const value = readValue(cursor, quote(key));
    if (value !== undefined) metadata.set(key, value);
  }
  return metadata;
};

const readAlignment = (cursor: Cursor, metadata: ReadonlyMap<string, GgufValue>): number => {
  const entry = metadata.get("general.alignment");
  if (entry === undefined) return 32;
  const valid = entry.type === "u32" && entry.value > 0 && Number.isInteger(Math.log2(entry.value));
  if (valid) return entry.value;
  cursor.fail("has an alignment that is no power of two");
  return 32;
};

const readTensors = (cursor: Cursor, count: number, alignment: number): readonly GgufTensor[] => {
  const tensors: GgufTensor[] = [];
  const names = new Set<string>();
  let end = 0;
  for (let index = 0; index < count; index += 1) {
    const tensor = readTensor(cursor);
    if (tensor === undefined) return tensors;
    if (names.has(tensor.name)) cursor.fail(`has the tensor ${quote(tensor.name)} twice`);
    // llama.cpp takes no gaps and no other order, and so nothing overlaps.
    if (tensor.offset !== end) cursor.fail(`has the tensor ${quote(tensor.name)} at ${tensor.offset}, not at ${end}`);
    names.add(tensor.name);
    tensors.push(tensor);
    end = alignUp(tensor.offset + tensor.bytes, alignment);
    if (!Number.isSafeInteger(end)) cursor.fail("has tensors of more bytes than can be");
  }
  return tensors;
};

const readTensor = (cursor: Cursor): GgufTensor | undefined => {
  const name = cursor.text("a tensor name", limits.nameBytes);
  const rank = cursor.u32();
  if (rank > 4) cursor.fail(`has the tensor ${quote(name)} with ${rank} dimensions`);
  const dims: number[] = [];
  while (dims.length < rank && cursor.why() === undefined) dims.push(cursor.count("a dimension"));
  const type = readType(cursor, name, dims[0] ?? 1);
  const offset = cursor.count("a tensor offset");
  if (type === undefined || cursor.why() !== undefined) return undefined;
  const bytes = (dims.reduce((product, dim) => product * dim, 1) / type.block) * type.bytes;
  if (Number.isSafeInteger(bytes)) return { name, dims, type, offset, bytes };
  cursor.fail(`has the tensor ${quote(name)} of more bytes than can be`);
  return undefined;
};

const readType = (cursor: Cursor, name: string, row: number): GgmlType | undefined => {
  const number = cursor.u32();
  const type = ggmlTypes.get(number);
  if (type === undefined) cursor.fail(`has the tensor ${quote(name)} of the unknown type ${number}`);
  else if (row % type.block !== 0)
    cursor.fail(`has the tensor ${quote(name)} with rows of ${row}, no multiple of ${type.block}`);
  return type;
};

const alignUp = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;

/** A name from a file, fit to be shown. */
const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
