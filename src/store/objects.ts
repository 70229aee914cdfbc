import { randomBytes } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileFailure } from "../base/failure.ts";
import type { Digest } from "../base/ids.ts";
import { syncPath } from "./durable.ts";
import type { Layout } from "./layout.ts";
import type { Memo } from "./memo.ts";
import { crashPoint } from "./points.ts";

/** A published file: bytes by their digest, never modified after its rename into `objects/`. */
export interface StoredObject {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
  /** It is dropped when nobody needs it any more: that it is gone is no damage. */
  readonly ephemeral?: true;
}

/**
 * Publishes a finished file from scratch: hash, fsync, read-only, rename. Publishing the same bytes twice is harmless,
 * so two runs that race waste work but cannot corrupt. @throws what node:fs throws
 */
export const publishObject = (layout: Layout, memo: Memo, file: string): StoredObject => {
  const found = memo.digestFile(file);
  crashPoint("output-hashed", basename(file));
  const { size } = statSync(file);
  chmodSync(file, 0o444);
  syncPath(file);
  crashPoint("output-synced", basename(file));
  const target = layout.object(found);
  mkdirSync(dirname(target), { recursive: true });
  renameSync(file, target);
  syncPath(dirname(target));
  memo.stamp(target, found);
  crashPoint("output-published", basename(file));
  return { digest: found, size };
};

/**
 * Whether an object is there with its recorded bytes. What is there in its place (changed in place, a directory, a
 * symbolic link) is moved to quarantine; nothing is ever deleted here, since reading can fail for a passing reason.
 */
export const objectIntact = (layout: Layout, memo: Memo, object: StoredObject): boolean => {
  const path = layout.object(object.digest);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isFile() && digestIfReadable(memo, path) === object.digest) return true;
  if (!layout.readOnly) quarantine(layout, path);
  return false;
};

/** A bad sector or missing rights are as good as missing bytes: the step runs again. */
const digestIfReadable = (memo: Memo, path: string): Digest | undefined => {
  try {
    return memo.digestFile(path);
  } catch (error) {
    fileFailure(error, path, "read");
    return undefined;
  }
};

/** Moves a file that failed its check out of the way, for a look later; returns its new path. */
export const quarantine = (layout: Layout, file: string): string => {
  const target = layout.quarantine(`${basename(file)}.${Date.now()}-${randomBytes(3).toString("hex")}`);
  renameSync(file, target);
  return target;
};

/** A file of the store can be replaced by a rename, but not a folder that a bad restore put in its place. */
export const makeWay = (layout: Layout, path: string): void => {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) quarantine(layout, path);
};

/** Drops the bytes of an ephemeral output; its record stays. */
export const evictObject = (layout: Layout, object: StoredObject): void => {
  if (layout.readOnly) return;
  rmSync(layout.object(object.digest), { force: true });
};
