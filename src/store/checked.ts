import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../base/canonical.ts";
import { fileFailure } from "../base/failure.ts";
import type { Digest } from "../base/ids.ts";
import { openLayout, type Layout } from "./layout.ts";
import { makeWay } from "./objects.ts";
import { seal, unseal } from "./seal.ts";

/**
 * What came of checking a pipeline file, by a digest of what else it depends on. Losing it costs time only: so nothing
 * here waits for the disk, and nothing that fails is told.
 */
export interface Checked {
  readonly read: (name: Digest) => Json | undefined;
  readonly write: (name: Digest, value: Json) => void;
}

/** Of a store that is there already: to look at a file must not make one. Without `writes` it is only read. */
export const openChecked = (directory: string, writes: boolean): Checked | undefined => {
  const layout = openLayout(directory, true);
  if (!layout.ok) return undefined;
  const path = (name: Digest): string => join(layout.value.checked, name);
  return {
    read: (name) => quietly(() => unseal(readFileSync(path(name), "utf8").trimEnd())),
    write: (name, value) => {
      if (writes) quietly(() => put(layout.value, path(name), seal(value)));
    },
  };
};

const put = (layout: Layout, path: string, text: string): void => {
  forgetOld(layout.checked, Date.now());
  makeWay(layout, path);
  const temp = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temp, text);
    renameSync(temp, path);
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
};

/** Milliseconds after which one goes when another comes: each edit of a pipeline file leaves one behind. */
const monthMs = 30 * 24 * 3600 * 1000;

const forgetOld = (folder: string, now: number): void => {
  for (const path of readdirSync(folder).map((name) => join(folder, name)))
    if (now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now) > monthMs) rmSync(path, { force: true });
};

const quietly = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch (error) {
    // Only what the operating system refuses.
    fileFailure(error, "checked", "use");
    return undefined;
  }
};
