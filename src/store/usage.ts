import { readdirSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { Digest, Key, StepId } from "../base/ids.ts";
import type { Claims } from "./claim.ts";
import { listFinished, listPins } from "./kept.ts";
import type { Layout } from "./layout.ts";
import type { StoredObject } from "./objects.ts";
import { readRecord, type ActionRecord } from "./records.ts";

/** A finished action, as what takes room. */
export interface StoredAction {
  readonly key: Key;
  readonly step: StepId;
  /** null in a record of an earlier version */
  readonly pipeline: string | null;
  /** Those of its outputs that are there. */
  readonly objects: readonly StoredObject[];
  /** Bytes of these; an object that several actions made counts for each. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly lastUse: number;
}

/** A file of the store that no record speaks of. */
export interface LooseFile {
  readonly path: string;
  /** bytes */
  readonly size: number;
  /** Milliseconds since 1970 at which it was made or last moved. */
  readonly since: number;
  readonly inode: number;
}

/** What lies in a store. Sizes are those of the files, not of the blocks they take. */
export interface Usage {
  readonly actions: readonly StoredAction[];
  /** Sizes of the objects that records speak of, bytes by digest. */
  readonly sizes: ReadonlyMap<Digest, number>;
  readonly loose: readonly LooseFile[];
  readonly quarantined: readonly LooseFile[];
  readonly piped: readonly LooseFile[];
  /** Bytes of all of it. */
  readonly bytes: number;
}

/**
 * Looks at all records and lists the objects. Sizes come from the records, so that a store of terabytes takes as many
 * reads as it has actions. @throws what node:fs throws
 */
export const readUsage = (layout: Layout): Usage => {
  const present = new Map(listObjects(layout).map((path) => [nameOf(path), path]));
  const sizes = new Map<Digest, number>();
  const actions = listKeys(layout).flatMap((key) => readAction(layout, key, present) ?? []);
  for (const { objects } of actions) for (const { digest, size } of objects) sizes.set(digest, size);
  const loose = [...present.values()].filter((path) => !sizes.has(nameOf(path) as Digest)).flatMap(lookAt);
  const quarantined = filesIn(layout.quarantined).flatMap(lookAt);
  const piped = filesIn(layout.piped).flatMap(lookAt);
  const bytes = sum([...sizes.values()]) + sum([...loose, ...quarantined, ...piped].map(({ size }) => size));
  return { actions, sizes, loose, quarantined, piped, bytes };
};

const readAction = (layout: Layout, key: Key, present: ReadonlyMap<string, string>): StoredAction | undefined => {
  const record = readRecord(layout, key);
  // A damaged one is a miss to every run; the objects that only it named count as loose.
  if (record === undefined) return undefined;
  const objects = Object.values(record.outputs).filter(({ digest }) => present.has(digest));
  const bytes = sum(objects.map(({ size }) => size));
  const lastUse = statSync(layout.action(key), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return { key, step: record.step, pipeline: record.pipeline ?? null, objects, bytes, lastUse };
};

/** All records that are whole. */
export const listRecords = (layout: Layout): ActionRecord[] =>
  listKeys(layout).flatMap((key) => readRecord(layout, key) ?? []);

/** The names in `actions/`, whatever they hold. */
export const listKeys = (layout: Layout): Key[] => filesBelow(layout.actions).map((path) => nameOf(path) as Key);

/** Paths in `objects/`. */
export const listObjects = (layout: Layout): string[] => filesBelow(layout.objects);

/** Files two folders deep that are named by a digest: what is being written beside them has another name. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => filesIn(join(folder, name)).filter((path) => hex64.test(nameOf(path))));

const hex64 = /^[0-9a-f]{64}$/;

const filesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    // No folder, or gone since it was listed.
    return [];
  }
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const lookAt = (path: string): LooseFile[] => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? [] : [{ path, size: sizeOf(stat), since: sinceOf(stat), inode: stat.ino }];
};

const sizeOf = (stat: Stats): number => (stat.isFile() ? stat.size : 0);

/** Moving a file and making it read-only, as publishing does, changes its ctime and not its mtime. */
const sinceOf = ({ mtimeMs, ctimeMs }: Stats): number => Math.max(mtimeMs, ctimeMs);

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Why an action is not collected; the first that applies. */
export type KeptBecause = "in-use" | "pinned" | "newest";

/** What must stay: what runs at work need, what is pinned, and what the newest run of each pipeline would find. */
export const reasonsToKeep = (layout: Layout, claims: Claims): ReadonlyMap<Key, KeptBecause> => {
  const kept = new Map<Key, KeptBecause>();
  for (const { keys } of listFinished(layout)) for (const key of Object.values(keys)) kept.set(key, "newest");
  for (const { keys } of listPins(layout)) for (const key of Object.values(keys)) kept.set(key, "pinned");
  for (const key of claims.keys) kept.set(key, "in-use");
  return kept;
};
