import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../base/canonical.ts";
import type { Digest } from "../base/ids.ts";
import { writeDurably } from "./durable.ts";
import { openLayout, type Layout } from "./layout.ts";
import { makeWay } from "./objects.ts";
import { quietly } from "./quietly.ts";
import { readSealed, seal } from "./seal.ts";

/**
 * What came of checking a pipeline file, by a digest of what else it depends on. Losing it costs time only: so
 * nothing that fails is told.
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
    return layout.ok ? readSealed(join(layout.value.checked, name)) : undefined;
  },
  write: (name, value) => {
    const layout = writes === "never" ? undefined : openLayout(directory, writes === "there");
    if (layout?.ok === true) quietly(() => put(layout.value, join(layout.value.checked, name), seal(value)));
  },
});

const put = (layout: Layout, path: string, text: string): void => {
  forgetOld(layout.checked, Date.now());
  makeWay(layout, path);
  writeDurably(path, text);
};

/** Milliseconds after which one goes when another comes: each edit of a pipeline file leaves one behind. */
const monthMs = 30 * 24 * 3600 * 1000;

const forgetOld = (folder: string, now: number): void => {
  for (const path of readdirSync(folder).map((name) => join(folder, name)))
    if (now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now) > monthMs) rmSync(path, { force: true });
};
