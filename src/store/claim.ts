import { existsSync, utimesSync } from "node:fs";
import { fileFailure } from "../base/failure.ts";
import type { Key, RunId } from "../base/ids.ts";
import { listRuns, readJournal, readLife, silence, type Journal } from "./journal.ts";
import type { Layout } from "./layout.ts";
import { isAlive, isElsewhere, type Owner } from "./owner.ts";
import type { ActionRecord } from "./records.ts";

/**
 * Says in the journal that a run needs a finished action from now on, and only then looks whether all of it is still
 * there. A collection does the two in the other order: it takes a record away, then reads the journals, and puts back
 * what is claimed. So either it sees the claim, or the run sees that the record is gone; a lock for that was rejected,
 * because a run would hold it for hours.
 * @returns whether the action may be used
 */
export const claim = (layout: Layout, journal: Journal, record: ActionRecord): boolean => {
  journal({ type: "hit", step: record.step, key: record.key });
  if (!layout.readOnly) noteUse(layout, record.key);
  const lasting = Object.values(record.outputs).filter(({ ephemeral }) => ephemeral !== true);
  return existsSync(layout.action(record.key)) && lasting.every(({ digest }) => existsSync(layout.object(digest)));
};

/** The time of an action's file is that of its last use. A record is never rewritten, but its time may change. */
const noteUse = (layout: Layout, key: Key): void => {
  const now = new Date();
  try {
    utimesSync(layout.action(key), now, now);
  } catch (error) {
    // Gone, or a store that may not be written to: then others find it a little older than it is.
    fileFailure(error, layout.action(key), "touch");
  }
};

/** What runs that are at work need. */
export interface Claims {
  /** Actions that they found, begun or made. */
  readonly keys: ReadonlySet<Key>;
  /** Runs that have not ended: they may be between publishing an object and writing its record. */
  readonly publishing: readonly RunId[];
}

/**
 * The claims of all runs whose process is alive. One that has ended still places its results until its process ends; in
 * a program that makes many runs that is for ever, so there an hour is the limit.
 * @param now milliseconds since 1970
 */
export const readClaims = (layout: Layout, now: number): Claims => {
  const keys = new Set<Key>();
  const publishing: RunId[] = [];
  for (const run of listRuns(layout)) {
    const { owner, ended } = readLife(layout, run);
    const age = silence(layout, run, now);
    if (owner === undefined || !isAtWork(owner, age) || (ended && age > graceMs)) continue;
    if (!ended) publishing.push(run);
    for (const line of readJournal(layout, run)) if ("key" in line) keys.add(line.key);
  }
  return { keys, publishing };
};

/** For how long, milliseconds, an object without a record is left alone: it may be between its publishing and its record. */
export const graceMs = 3_600_000;

/**
 * Of a process on another host, or in another container, nobody here knows whether it is alive; after a week without a
 * sign (`keepAlive` in journal.ts gives one every ten minutes) it is taken for dead.
 */
const foreignMs = 7 * 24 * 3_600_000;

/** @param age milliseconds since the last sign of life */
export const isAtWork = (owner: Owner, age: number): boolean => (isElsewhere(owner) ? age < foreignMs : isAlive(owner));
