import { randomBytes } from "node:crypto";
import { rmSync, statSync, statfsSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileFailure, isDiskFull } from "../base/failure.ts";

/** Bytes. A record and a journal of a thousand steps need less. */
export const ballastBytes = 2 ** 20;

/**
 * Lays by a file that can be given up on a full disk, so that there the journal and a finished step can still be written
 * down. Made where it is missing and there is twice its room; a store without it works as well until the disk is full.
 */
export const layBallast = (path: string): void => {
  try {
    if (sizeOf(path) === ballastBytes || !hasRoom(path)) return;
    // Random bytes, since a file system that compresses would keep no room for zeros.
    writeFileSync(path, randomBytes(ballastBytes));
  } catch (error) {
    // Only what the operating system refuses.
    fileFailure(error, path, "write");
    dropBallast(path);
  }
};

/**
 * Does a small write that must not be lost, once more without the ballast where the disk is full. What `write` leaves
 * when it fails must not stand in its own way. @throws what `write` throws
 */
export const withBallast = <T>(path: string, write: () => T): T => {
  try {
    return write();
  } catch (error) {
    if (!isDiskFull(error) || sizeOf(path) === 0 || !dropBallast(path)) throw error;
    return write();
  }
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const hasRoom = (path: string): boolean => {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize >= 2 * ballastBytes;
};

const dropBallast = (path: string): boolean => {
  try {
    rmSync(path, { force: true });
    return true;
  } catch (error) {
    fileFailure(error, path, "remove");
    return false;
  }
};
