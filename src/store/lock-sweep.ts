import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chainIds, lockState } from "./lock-file.ts";
import { tryLock } from "./lock.ts";

/**
 * Removes what killed processes left in a folder of locks. Nothing depends on it, since a stale lock is taken over when it
 * is met; but what is never asked for again would lie there for ever.
 */
export const sweepLocks = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.endsWith(".tmp")) removeIfStale(path);
    else if (name.includes("~")) removeIfLoose(path);
    // Through the front door, because others may be taking it over just now.
    else if (lockState(path).state === "stale") tryLock(path, "")?.release();
  }
};

/** A candidate between writing and linking. */
const removeIfStale = (path: string): void => {
  if (lockState(path).state === "stale") rmSync(path, { force: true });
};

/** An heir that cannot be reached from the lock itself any more. It was listed before the chain is read, so it is not new. */
const removeIfLoose = (path: string): void => {
  const [root = "", id = ""] = path.split(/~(?=[^~]*$)/);
  if (!chainIds(root).includes(id)) rmSync(path, { force: true });
};
