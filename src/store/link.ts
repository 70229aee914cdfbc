import { chmodSync, constants, copyFileSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import type { Layout } from "./layout.ts";
import type { Memo } from "./memo.ts";
import { objectIntact, type StoredObject } from "./objects.ts";

export type LinkKind = "kept" | "reflink" | "hardlink" | "copy";

/**
 * Puts a stored object at `target` for the user, atomically: reflink, else hard link, else copy. `FICLONE_FORCE`
 * comes first because plain `FICLONE` silently copies where a file system cannot clone.
 * @throws what node:fs throws when even a copy fails, and ENOENT when the object is gone or was damaged
 */
export const linkOut = (layout: Layout, memo: Memo, object: StoredObject, target: string): LinkKind => {
  const source = layout.object(object.digest);
  if (holds(memo, object, target)) return "kept";
  // An edit through an earlier hard link damages the object: it goes to quarantine here, and linking finds nothing.
  const intact = objectIntact(layout, memo, object);
  mkdirSync(dirname(target), { recursive: true });
  const temp = `${target}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    const kind = firstThatWorks(source, temp, layout.readOnly);
    renameSync(temp, target);
    // A hard link changes the ctime of the object itself.
    if (intact && kind === "hardlink") memo.stamp(source, object.digest);
    return kind;
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
};

const holds = (memo: Memo, object: StoredObject, target: string): boolean => {
  try {
    return statSync(target).size === object.size && memo.digestFile(target) === object.digest;
  } catch {
    return false;
  }
};

/** A clone is the user's own file: unlike a hard link it need not be read-only. */
const cloneFile = (source: string, temp: string): void => {
  copyFileSync(source, temp, constants.COPYFILE_FICLONE_FORCE);
  chmodSync(temp, 0o644);
};

/** A hard link changes the object, by its ctime: in a store that is not ours to write to, others would hash it again. */
const firstThatWorks = (source: string, temp: string, readOnly: boolean): LinkKind => {
  const clone = ["reflink", () => cloneFile(source, temp)] as const;
  const link = ["hardlink", () => linkSync(source, temp)] as const;
  const ways: readonly (readonly [LinkKind, () => void])[] = readOnly ? [clone] : [clone, link];
  for (const [kind, way] of ways) {
    try {
      way();
      return kind;
    } catch {
      rmSync(temp, { force: true });
    }
  }
  copyFileSync(source, temp);
  chmodSync(temp, 0o644);
  return "copy";
};
