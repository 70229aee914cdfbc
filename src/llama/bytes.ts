import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { err, ok, type Result } from "../base/result.ts";

/** What is wrong with a file: one sentence without a full stop, which the file's name can stand before. */
export interface FileFlaw {
  readonly why: string;
}

export const flaw = (why: string): { readonly ok: false; readonly error: FileFlaw } => err({ why });

/** A file that is open for reading. */
export interface OpenBytes {
  /** bytes */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`; undefined when the file ends before, or cannot be read.
   * @param into takes them, where fresh memory for each reading would cost more than the reading
   */
  readonly read: (
    offset: number,
    length: number,
    into?: Uint8Array<ArrayBuffer>,
  ) => Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Opens `path` for as long as `use` runs. Reading blocks: headers are megabytes at most, and a caller that awaited each
 * of a hundred thousand strings would take far longer.
 */
export const withFile = <T>(path: string, use: (file: OpenBytes) => Result<T, FileFlaw>): Result<T, FileFlaw> => {
  const opened = attempt(() => openSync(path, "r"));
  if (!opened.ok) return opened;
  const descriptor = opened.value;
  try {
    const stats = attempt(() => fstatSync(descriptor));
    if (!stats.ok) return stats;
    if (!stats.value.isFile()) return flaw("is no regular file");
    return use({
      size: stats.value.size,
      read: (offset, length, into) => readExactly(descriptor, offset, length, into),
    });
  } finally {
    closeSync(descriptor);
  }
};

const readExactly = (
  descriptor: number,
  offset: number,
  length: number,
  into = new Uint8Array(length),
): Uint8Array<ArrayBuffer> | undefined => {
  const bytes = into.subarray(0, length);
  let done = 0;
  while (done < length) {
    const at = done;
    const count = attempt(() => readSync(descriptor, bytes, at, length - at, offset + at));
    if (!count.ok || count.value === 0) return undefined;
    done += count.value;
  }
  return bytes;
};

/** What `node:fs` throws, as a flaw; anything without a `code` is a bug and is thrown on. */
const attempt = <T>(operation: () => T): Result<T, FileFlaw> => {
  try {
    return ok(operation());
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return flaw(`cannot be read (${String(error.code)})`);
  }
};
