import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";

/**
 * Writes a small file so that a reader sees the old text or the new one, after a kill as well as after a power loss:
 * temp file, fsync, rename, fsync of the directory. Without the last, the rename itself may be lost.
 */
export const writeDurably = (path: string, text: string): void => {
  const temp = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    const file = openSync(temp, "wx", 0o644);
    try {
      // Not writeSync: on a disk that is nearly full it writes a part, says so in its result, and throws nothing.
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temp, path);
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
  syncPath(dirname(path));
};

/** Flushes a file, or the entries of a directory, to the device. */
export const syncPath = (path: string): void => {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/**
 * Makes a folder with all above it. Not `mkdirSync` with `recursive`: where the file system answers "no such directory"
 * to every attempt, as /proc does, Node 24 tries for ever.
 */
export const makeFolder = (path: string): void => {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process was faster.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
};
