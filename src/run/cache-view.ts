import { dirname } from "node:path";
import type { StepId } from "../base/ids.ts";
import { readClaims } from "../store/claim.ts";
import { collect, foreseeCollection, planCollection, type Collected } from "../store/collect.ts";
import { listPins } from "../store/kept.ts";
import type { Layout } from "../store/layout.ts";
import type { Damage, Verification } from "../store/verify.ts";
import { readUsage, reasonsToKeep, sum, type KeptBecause, type StoredAction } from "../store/usage.ts";

/** A store for people and programs: what `cache ls --json` prints. */
export interface CacheUsage {
  readonly store: string;
  readonly bytes: number;
  /** Bytes above which a run collects; null for no limit. */
  readonly max: number | null;
  /** Bytes that a collection could take now. */
  readonly collectable: number;
  /** Bytes of objects and piped texts that no record speaks of. */
  readonly unreferenced: number;
  readonly quarantine: { readonly files: number; readonly bytes: number };
  readonly pins: readonly string[];
  readonly rows: readonly CacheRow[];
  readonly actions: readonly CacheAction[];
}

/** The actions of one step of one pipeline that are kept for one reason, or for none. */
export interface CacheRow {
  /** The pipeline that made them; null where that was not recorded. */
  readonly pipeline: string | null;
  readonly step: StepId;
  readonly actions: number;
  readonly bytes: number;
  /** ISO 8601 */
  readonly lastUse: string;
  readonly kept: KeptBecause | "no";
}

export interface CacheAction {
  readonly key: string;
  readonly pipeline: string | null;
  readonly step: StepId;
  readonly bytes: number;
  readonly lastUse: string;
  readonly kept: KeptBecause | "no";
}

/** What `cache verify --json` prints. */
export interface CacheVerification extends Omit<Verification, "damages"> {
  readonly ok: boolean;
  readonly full: boolean;
  readonly seconds: number;
  readonly damages: readonly Damage[];
}

/** What `cache gc --json` prints. */
export interface CacheCollection {
  readonly dryRun: boolean;
  /** Another collection was at work, and this one did nothing. */
  readonly busy: boolean;
  readonly actions: readonly CacheAction[];
  /** Files that no record speaks of. */
  readonly files: number;
  readonly before: number;
  readonly after: number;
  readonly max: number | null;
  readonly kept: number;
}

/** @throws what node:fs throws */
export const viewUsage = (layout: Layout, max: number): CacheUsage => {
  const now = Date.now();
  const claims = readClaims(layout, now);
  const usage = readUsage(layout);
  const keep = reasonsToKeep(layout, claims);
  const actions = usage.actions.map((action) => viewAction(action, keep.get(action.key) ?? "no"));
  return {
    store: dirname(layout.root),
    bytes: usage.bytes,
    max: finite(max),
    collectable: usage.bytes - planCollection(usage, keep, claims, 0, now).after,
    unreferenced: sum([...usage.loose, ...usage.piped].map(({ size }) => size)),
    quarantine: { files: usage.quarantined.length, bytes: sum(usage.quarantined.map(({ size }) => size)) },
    pins: listPins(layout).map(({ pipeline }) => pipeline),
    rows: rowsOf(actions),
    actions,
  };
};

const viewAction = (
  { key, pipeline, step, bytes, lastUse }: StoredAction,
  kept: KeptBecause | "no" = "no",
): CacheAction => ({ key, pipeline, step, bytes, lastUse: new Date(lastUse).toISOString(), kept });

/** JSON has no infinity. */
const finite = (max: number): number | null => (Number.isFinite(max) ? max : null);

const rowsOf = (actions: readonly CacheAction[]): CacheRow[] => {
  const groups = Map.groupBy(actions, ({ pipeline, step, kept }) => JSON.stringify([pipeline, step, kept]));
  return [...groups.values()].flatMap(rowOf).sort(byName);
};

const rowOf = (group: readonly CacheAction[]): CacheRow[] =>
  group.slice(0, 1).map(({ pipeline, step, kept }) => ({
    pipeline,
    step,
    kept,
    actions: group.length,
    bytes: sum(group.map(({ bytes }) => bytes)),
    lastUse: group.reduce((latest, { lastUse }) => (lastUse > latest ? lastUse : latest), ""),
  }));

const byName = (a: CacheRow, b: CacheRow): number => {
  const [first, second] = [a, b].map(({ pipeline, step, kept }) => `${pipeline ?? ""}\n${step}\n${kept}`);
  return (first ?? "") < (second ?? "") ? -1 : 1;
};

/** @throws what node:fs throws */
export const viewCollection = (layout: Layout, max: number, dryRun: boolean): CacheCollection => {
  const { plan, busy }: Collected = dryRun ? foreseeCollection(layout, max) : collect(layout, max);
  return {
    dryRun,
    busy,
    actions: plan.actions.map((action) => viewAction(action)),
    files: plan.files.length,
    before: plan.before,
    after: plan.after,
    max: finite(max),
    kept: plan.kept,
  };
};
