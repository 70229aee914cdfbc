import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { err, ok, type Result } from "../base/result.ts";

/** A regular file that is open for reading; its errors are the rest of a sentence about the file. */
export interface OpenFile {
  /** Bytes when it was opened. A file that grows is read no further, or reading a log might never end. */
  readonly size: number;
  /** Up to `length` bytes from `offset`, fewer only at the end. */
  readonly read: (offset: number, length: number) => Result<Buffer, string>;
  readonly close: () => void;
}

/**
 * Opens a file without ever waiting for it: a pipe without a writer would block the whole program, so it is opened
 * non-blocking and looked at before it is read. Looking first and opening then would leave a gap between the two.
 * Reading blocks, because awaiting each of a hundred thousand small files takes several times longer.
 */
export const openFile = (path: string): Result<OpenFile, string> => {
  const opened = attempt(() => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  if (!opened.ok) return opened;
  const descriptor = opened.value;
  const stats = attempt(() => fstatSync(descriptor));
  if (!stats.ok || !stats.value.isFile()) {
    closeSync(descriptor);
    return stats.ok ? err(`it is ${kindOf(stats.value)}, no regular file`) : stats;
  }
  const { size } = stats.value;
  const read = (offset: number, length: number): Result<Buffer, string> =>
    readPart(descriptor, offset, Math.min(length, size - offset));
  return ok({ size, read, close: () => closeSync(descriptor) });
};

const kindOf = (stats: Stats): string => {
  if (stats.isDirectory()) return "a directory";
  if (stats.isFIFO()) return "a pipe";
  return stats.isSocket() ? "a socket" : "a device";
};

const readPart = (descriptor: number, offset: number, length: number): Result<Buffer, string> => {
  const bytes = Buffer.allocUnsafe(Math.max(length, 0));
  let done = 0;
  while (done < bytes.length) {
    const at = done;
    const count = attempt(() => readSync(descriptor, bytes, at, bytes.length - at, offset + at));
    if (!count.ok) return count;
    // The file has become shorter meanwhile.
    if (count.value === 0) break;
    done += count.value;
  }
  return ok(bytes.subarray(0, done));
};

/** What `node:fs` throws, in the system's words; anything that is not the system's is a bug and thrown on. */
const attempt = <T>(operation: () => T): Result<T, string> => {
  try {
    return ok(operation());
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    // "EACCES: permission denied, open '/path'": the path is known, and may be long.
    return err(`it cannot be read (${error.message.replace(/, \w+( '.*)?$/s, "")})`);
  }
};
