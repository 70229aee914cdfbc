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

/** `there`: only into a store that is there already, since to look at a file must not make one. */
export type Writes = "never" | "there" | "always";

export const openChecked = (directory: string, writes: Writes): Checked => ({
  read: (name) => {
    const layout = openLayout(directory, true);
    if (!layout.ok) return undefined;
    return quietly(() => unseal(readFileSync(join(layout.value.checked, name), "utf8").trimEnd()));
  },
  write: (name, value) => {
    const layout = writes === "never" ? undefined : openLayout(directory, writes === "there");
    if (layout?.ok === true) quietly(() => put(layout.value, join(layout.value.checked, name), seal(value)));
  },
});

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
