import { existsSync, rmSync, statfsSync, statSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Digest, Key } from "../base/ids.ts";
import { graceMs, readClaims, type Claims } from "./claim.ts";
import type { Layout } from "./layout.ts";
import { crashPoint } from "./points.ts";
import { readSealed } from "./seal.ts";
import { openTrash, putBack, type Trash } from "./trash.ts";
import {
  listRecords,
  readUsage,
  reasonsToKeep,
  sum,
  type KeptBecause,
  type LooseFile,
  type StoredAction,
  type Usage,
} from "./usage.ts";

/** What a collection takes away, and why it does not take more. */
export interface CollectionPlan {
  /** Least recently used first. */
  readonly actions: readonly StoredAction[];
  /** Objects that no record speaks of, and what was piped in or quarantined and is not needed. */
  readonly files: readonly LooseFile[];
  /** Bytes before and afterwards. */
  readonly before: number;
  readonly after: number;
  /** Bytes that no collection may take now. */
  readonly kept: number;
}

/** Quarantined files are for a look; after a week, milliseconds, they go where room is needed. */
const quarantineMs = 7 * 24 * graceMs;

/**
 * What to take away to come below `max` bytes: first what nothing refers to, then the actions whose last use is longest
 * ago, but none that must be kept. By last use and not by size, so that what was made together goes together.
 * @param now milliseconds since 1970
 */
export const planCollection = (
  usage: Usage,
  keep: ReadonlyMap<Key, KeptBecause>,
  claims: Claims,
  max: number,
  now: number,
): CollectionPlan => {
  const idle = claims.publishing.length === 0;
  const old = ({ since }: LooseFile, age: number): boolean => now - since > age;
  const garbage = [...usage.loose, ...(idle ? usage.piped : [])].filter((file) => old(file, graceMs));
  let after = usage.bytes - sum(garbage.map(({ size }) => size));
  const overdue = usage.quarantined.filter((file) => after > max && old(file, quarantineMs));
  after -= sum(overdue.map(({ size }) => size));
  const users = countUsers(usage.actions);
  const byUse = usage.actions.filter(({ key }) => !keep.has(key)).sort((a, b) => a.lastUse - b.lastUse);
  const actions: StoredAction[] = [];
  for (const action of byUse) {
    if (after <= max) break;
    actions.push(action);
    after -= freedBy(action, users);
  }
  return { actions, files: [...garbage, ...overdue], before: usage.bytes, after, kept: keptBytes(usage, keep) };
};

/** How many actions made each object. */
const countUsers = (actions: readonly StoredAction[]): Map<Digest, number> => {
  const users = new Map<Digest, number>();
  for (const { objects } of actions)
    for (const digest of new Set(objects.map((object) => object.digest)))
      users.set(digest, (users.get(digest) ?? 0) + 1);
  return users;
};

/** Bytes of the objects of which this action was the last user. */
const freedBy = ({ objects }: StoredAction, users: Map<Digest, number>): number => {
  const sizes = new Map(objects.map(({ digest, size }) => [digest, size]));
  return sum(
    [...sizes].map(([digest, size]) => {
      const left = (users.get(digest) ?? 1) - 1;
      users.set(digest, left);
      return left === 0 ? size : 0;
    }),
  );
};

const keptBytes = ({ actions }: Usage, keep: ReadonlyMap<Key, KeptBecause>): number => {
  const objects = actions.filter(({ key }) => keep.has(key)).flatMap((action) => action.objects);
  return sum([...new Map(objects.map(({ digest, size }) => [digest, size])).values()]);
};

/** A store as a summary speaks of it, bytes. */
export interface StoreState {
  readonly bytes: number;
  readonly actions: number;
  /** What a collection down to nothing would take. */
  readonly collectable: number;
}

export interface Collected {
  /** Actions and bytes that were taken. */
  readonly plan: CollectionPlan;
  readonly state: StoreState;
  /** Another collection was at work, so this one did nothing. */
  readonly busy: boolean;
}

/** What a collection would do now. @throws what node:fs throws */
export const foreseeCollection = (layout: Layout, max: number): Collected => {
  const now = Date.now();
  // Before the records: a run that publishes meanwhile is at work, or its records are seen.
  const claims = readClaims(layout, now);
  const usage = readUsage(layout);
  const keep = reasonsToKeep(layout, claims);
  const plan = planCollection(usage, keep, claims, max, now);
  const least = planCollection(usage, keep, claims, 0, now).after;
  const left = usage.actions.length - plan.actions.length;
  return { plan, state: { bytes: plan.after, actions: left, collectable: plan.after - least }, busy: false };
};

/**
 * Brings a store below `max` bytes. Records go first and objects after them: killed in between it leaves objects that
 * nothing refers to, and never a record without its objects. @throws what node:fs throws
 */
export const collect = (layout: Layout, max: number): Collected => {
  const foreseen = foreseeCollection(layout, max);
  if (foreseen.plan.actions.length === 0 && foreseen.plan.files.length === 0) return foreseen;
  const trash = openTrash(layout);
  if (trash === undefined) return { ...unchanged(foreseen), busy: true };
  try {
    const taken = takeRecords(layout, trash, foreseen.plan.actions);
    takeObjects(layout, trash, foreseen.plan, taken);
  } finally {
    trash.close();
  }
  forgetLatest(layout);
  return foreseen;
};

const unchanged = ({ plan, state }: Collected): Collected => {
  const actions = state.actions + plan.actions.length;
  const bytes = plan.before;
  const nothing = { ...plan, actions: [], files: [], after: bytes };
  return { plan: nothing, state: { ...state, bytes, actions }, busy: true };
};

/** Moves records away, and puts those back that a run has claimed meanwhile: see `claim`. Gives what is really gone. */
const takeRecords = (layout: Layout, trash: Trash, actions: readonly StoredAction[]): StoredAction[] => {
  const moved = actions.filter(({ key }) => trash.take(layout.action(key), "action", key));
  crashPoint("records-trashed", String(moved.length));
  const keep = reasonsToKeep(layout, readClaims(layout, Date.now()));
  const gone = moved.filter(({ key }) => !keep.has(key));
  for (const { key } of moved.filter((action) => keep.has(action.key)))
    putBack(trash.path("action", key), layout.action(key));
  for (const { key } of gone) {
    rmSync(trash.path("action", key), { force: true });
    rmSync(layout.logs(key), { recursive: true, force: true });
  }
  crashPoint("records-collected", String(gone.length));
  return gone;
};

/**
 * Takes objects away that no record speaks of. A run may publish the same bytes at any moment, and write its record
 * later. So each file is looked at first, the journals are read then, and the records last: whoever published it before
 * the look is at work still, and then young files stay; or it has ended, and its record is seen. Whoever publishes it
 * after the look puts another inode in its place, and that is put back.
 */
const takeObjects = (layout: Layout, trash: Trash, { files }: CollectionPlan, taken: readonly StoredAction[]): void => {
  const objects = taken.flatMap((action) => action.objects.map(({ digest }) => look(layout.object(digest))));
  const idle = readClaims(layout, Date.now()).publishing.length === 0;
  const used = new Set(
    listRecords(layout).flatMap(({ outputs }) => Object.values(outputs).map(({ digest }) => digest)),
  );
  const ripe = objects.filter((file) => file !== undefined && (idle || Date.now() - file.since > graceMs));
  const doomed = [...ripe.flatMap((file) => file ?? []), ...files];
  for (const file of new Map(doomed.map((each) => [each.path, each])).values()) {
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    if (!file.path.startsWith(join(layout.objects, "/"))) rmSync(file.path, { recursive: true, force: true });
    else if (!used.has(name as Digest)) takeObject(trash, file, name);
  }
};

const takeObject = (trash: Trash, { path, inode }: LooseFile, name: string): void => {
  if (!trash.take(path, "object", name)) return;
  crashPoint("object-trashed", name);
  const there = trash.path("object", name);
  if (statSync(there).ino === inode) rmSync(there, { recursive: true, force: true });
  else putBack(there, path);
};

const look = (path: string): LooseFile | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  return { path, size: stat.size, since: Math.max(stat.mtimeMs, stat.ctimeMs), inode: stat.ino };
};

/** Names of actions that are gone explain nothing any more. Young ones stay: their record may just be in the making. */
const forgetLatest = (layout: Layout): void => {
  for (const name of readdirSync(layout.latests)) {
    const path = join(layout.latests, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || Date.now() - stat.mtimeMs < graceMs) continue;
    const key = keyIn(path);
    if (key === undefined || !existsSync(layout.action(key))) rmSync(path, { force: true });
  }
};

const keyIn = (path: string): Key | undefined => {
  const key = readSealed(path);
  return typeof key === "string" ? (key as Key) : undefined;
};

/** A third of the file system that the store lies on, bytes. @throws what node:fs throws */
export const defaultMax = (layout: Layout): number => {
  const { blocks, bsize } = statfsSync(layout.root);
  return Math.floor((blocks * bsize) / 3);
};
