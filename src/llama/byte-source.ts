import { open } from "node:fs/promises";
import { err, ok, type Result } from "../base/result.ts";
import { type FileFlaw, flaw, type OpenBytes } from "./bytes.ts";
import { type Gguf, parseGguf } from "./gguf.ts";

/** Bytes that lie somewhere: in a file, behind a server that gives ranges. */
export interface ByteSource {
  /** bytes */
  readonly size: number;
  /** Exactly `length` bytes from `offset`, both inside `size`. */
  readonly read: (offset: number, length: number) => Promise<Result<Uint8Array<ArrayBuffer>, FileFlaw>>;
}

/** Enough for a header with a vocabulary of 32,000 tokens, bytes. */
const firstPiece = 1024 * 1024;

/**
 * Reads a header from anywhere. The reader itself does not wait for bytes (`withFile` says why), so it is given the front of
 * the source, and twice as much whenever that was not enough: all in all it reads no byte twice, and keeps no more than twice
 * the header, which `parseGguf` limits.
 */
export const readGgufFrom = async (source: ByteSource): Promise<Result<Gguf, FileFlaw>> => {
  let front = new Uint8Array(0);
  for (let wanted = firstPiece; ; wanted *= 2) {
    const end = Math.min(source.size, wanted);
    const more = end > front.length ? await source.read(front.length, end - front.length) : ok(new Uint8Array(0));
    if (!more.ok) return more;
    if (more.value.length !== end - front.length) return flaw(`gave ${more.value.length} bytes at ${front.length}`);
    front = joined(front, more.value);
    const { lacked, parsed } = parseFront(front, source.size);
    if (parsed.ok || !lacked || end === source.size) return parsed;
  }
};

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> => {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

/** Reads what is there; `lacked` says that the last bytes it wanted were not. */
const parseFront = (
  front: Uint8Array<ArrayBuffer>,
  size: number,
): { readonly lacked: boolean; readonly parsed: Result<Gguf, FileFlaw> } => {
  let lacked = false;
  const read: OpenBytes["read"] = (offset, length) => {
    lacked = offset + length > front.length;
    return lacked ? undefined : front.slice(offset, offset + length);
  };
  return { parsed: parseGguf({ size, read }), lacked };
};

/** A file as a source, for as long as `use` runs. */
export const withFileSource = async <T>(
  path: string,
  use: (source: ByteSource) => Promise<Result<T, FileFlaw>>,
): Promise<Result<T, FileFlaw>> => {
  try {
    await using file = await open(path, "r");
    const stats = await file.stat();
    if (!stats.isFile()) return flaw("is no regular file");
    const read: ByteSource["read"] = async (offset, length) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      return bytesRead === length ? ok(bytes) : flaw(`cannot be read at byte ${offset + bytesRead}`);
    };
    return await use({ size: stats.size, read });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return err({ why: `cannot be read (${String(error.code)})` });
  }
};
