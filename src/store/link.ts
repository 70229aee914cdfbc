import { chmodSync, constants, copyFileSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import type { Layout } from "./layout.ts";
import type { Memo } from "./memo.ts";
import type { StoredObject } from "./objects.ts";

export type LinkKind = "kept" | "reflink" | "hardlink" | "copy";

/**
 * Puts a stored object at `target` for the user, atomically: reflink, else hard link, else copy. `FICLONE_FORCE`
 * comes first because plain `FICLONE` silently copies where a file system cannot clone.
 * @throws what node:fs throws when even a copy fails
 */
export const linkOut = (layout: Layout, memo: Memo, object: StoredObject, target: string): LinkKind => {
  const source = layout.object(object.digest);
  if (holds(memo, object, target)) return "kept";
  mkdirSync(dirname(target), { recursive: true });
  const temp = `${target}.${randomBytes(4).toString("hex")}.tmp`;
  const kind = firstThatWorks(source, temp);
  renameSync(temp, target);
  // A hard link changes the ctime of the object itself.
  memo.stamp(source, object.digest);
  return kind;
};

const holds = (memo: Memo, object: StoredObject, target: string): boolean => {
  try {
    return statSync(target).size === object.size && memo.digestFile(target) === object.digest;
  } catch {
    return false;
  }
};

const firstThatWorks = (source: string, temp: string): LinkKind => {
  const ways: [LinkKind, () => void][] = [
    ["reflink", () => copyFileSync(source, temp, constants.COPYFILE_FICLONE_FORCE)],
    ["hardlink", () => linkSync(source, temp)],
  ];
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
