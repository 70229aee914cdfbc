import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { canonical, sha256, type Json } from "../base/canonical.ts";
import type { Key, RunId, StepId } from "../base/ids.ts";
import { writeDurably } from "./durable.ts";
import type { Layout } from "./layout.ts";
import { readSealed, seal } from "./seal.ts";

/** The actions of one run of a pipeline: what the same run needs to find everything done. */
export interface KeptRun {
  readonly pipeline: string;
  readonly run: RunId;
  readonly keys: Readonly<Record<StepId, Key>>;
}

/**
 * Notes a run that came to its end as the newest of its pipeline. One whose actions are the same as before is not noted
 * again: an fsync takes longer than all else that such a run writes.
 */
export const noteFinished = (layout: Layout, kept: KeptRun): void => {
  const earlier = readKept(layout.finished, kept.pipeline);
  if (earlier === undefined || canonical(earlier.keys) !== canonical(kept.keys)) writeKept(layout.finished, kept);
};

/** The newest finished run of every pipeline, by name. */
export const listFinished = (layout: Layout): KeptRun[] => list(layout.finished);

/** Runs that a person wants kept, whatever comes after them. */
export const listPins = (layout: Layout): KeptRun[] => list(layout.pins);

/** Pins the newest finished run of a pipeline in place of an earlier pin; undefined when there is none. @throws what node:fs throws */
export const pinRun = (layout: Layout, pipeline: string): KeptRun | undefined => {
  const kept = readKept(layout.finished, pipeline);
  if (kept !== undefined) writeKept(layout.pins, kept);
  return kept;
};

/** Takes a pin away; gives what was pinned. @throws what node:fs throws */
export const unpinRun = (layout: Layout, pipeline: string): KeptRun | undefined => {
  const kept = readKept(layout.pins, pipeline);
  if (kept !== undefined) rmSync(pathOf(layout.pins, pipeline), { force: true });
  return kept;
};

/** By a digest: a pipeline may have any name. */
const pathOf = (folder: string, pipeline: string): string => join(folder, sha256(pipeline));

const writeKept = (folder: string, kept: KeptRun): void =>
  writeDurably(pathOf(folder, kept.pipeline), seal(kept as unknown as Json));

const list = (folder: string): KeptRun[] =>
  readdirSync(folder)
    .flatMap((name) => readFile(join(folder, name)) ?? [])
    .sort((a, b) => (a.pipeline < b.pipeline ? -1 : 1));

const readKept = (folder: string, pipeline: string): KeptRun | undefined => readFile(pathOf(folder, pipeline));

/** A damaged one is as good as none: then only the time of last use speaks for its actions. */
const readFile = (path: string): KeptRun | undefined => readSealed(path) as unknown as KeptRun | undefined;
