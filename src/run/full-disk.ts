import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileFailure, isDiskFull, type DiskFull, type Failure } from "../base/failure.ts";

/** What a file system has left. */
export interface Room {
  /** bytes that this user may still write, quotas aside */
  readonly free: number;
  /** Files that can still be made; undefined where the file system does not count them. */
  readonly files?: number;
}

/** Room where `path` lies or would lie; undefined where the file system does not tell, as many virtual ones do not. */
export const roomAt = (path: string): Room | undefined => {
  try {
    const { bavail, bsize, blocks, files, ffree } = statfsSync(path);
    return blocks === 0 ? undefined : { free: bavail * bsize, ...(files === 0 ? {} : { files: ffree }) };
  } catch (error) {
    fileFailure(error, path, "read");
    return dirname(path) === path ? undefined : roomAt(dirname(path));
  }
};

/** Adds to a failure on a full disk what is free there, unless it says so already; `need` is in bytes. */
export const withRoom = <F extends Failure>(failure: F, need?: number): F => {
  if (failure.reason !== "disk-full" || failure.free !== undefined) return failure;
  const room = roomAt(failure.path);
  const lacks = failure.lacks ?? (room !== undefined && outOfFiles(room) ? "inodes" : undefined);
  return {
    ...failure,
    ...(room === undefined ? {} : { free: room.free }),
    ...(need === undefined ? {} : { need }),
    ...(lacks === undefined ? {} : { lacks }),
  };
};

/** Some files may have been removed since the one that found no place. */
const outOfFiles = ({ free, files }: Room): boolean => files !== undefined && files < 16 && free >= probeBytes;

/**
 * What a failure in `folder` really was. Tools say in many ways that a disk is full, or not at all: they exit 0 with half
 * a file, are ended by SIGBUS, or leave out lines. @param need bytes that the step was to write, when known
 */
export const asDiskFull = (failure: Failure, folder: string, need?: number): Failure => {
  if (failure.reason === "disk-full") return withRoom(failure, need);
  const full = saidFull(failure) ? ({ reason: "disk-full", path: folder } as const) : probe(failure, folder);
  return full === undefined ? failure : withRoom(full, need);
};

const probe = (failure: Failure, folder: string): DiskFull | undefined => {
  const mayBe = ["tool-failed", "tool-incomplete", "artifact-invalid", "source-failed"].includes(failure.reason);
  // Nothing on a disk sends SIGKILL: that was a person, or the end of the memory.
  const killed = failure.reason === "tool-failed" && failure.signal === "SIGKILL";
  return mayBe && !killed ? fullDisk(folder) : undefined;
};

/** How the C library words ENOSPC and EDQUOT: a tool may have removed its file, and with it the proof. */
const saidFull = (failure: Failure): boolean =>
  failure.reason === "tool-failed" &&
  failure.lastLines.some((line) => /no space left on device|disk quota exceeded/i.test(line));

/** Bytes. A tool writes in pieces; where one found no place, less than this is left. */
const probeBytes = 2 ** 20;

/**
 * Whether a folder takes no more files of some size, found out by writing one: `statfs` knows nothing of quotas, and of
 * files that can still be made only on some file systems. Flushed, for network file systems say it only then.
 */
export const fullDisk = (folder: string): DiskFull | undefined => {
  const path = join(folder, `room-${randomBytes(4).toString("hex")}.tmp`);
  try {
    const file = openSync(path, "wx");
    try {
      writeFileSync(file, randomBytes(probeBytes));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return undefined;
  } catch (error) {
    const failure = fileFailure(error, folder, "write");
    return isDiskFull(error) && failure.reason === "disk-full" ? { ...failure, path: folder } : undefined;
  } finally {
    remove(path);
  }
};

const remove = (path: string): void => {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    // It lies in a scratch folder, which is removed as a whole.
    fileFailure(error, path, "remove");
  }
};
