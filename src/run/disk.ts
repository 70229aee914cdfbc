import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileFailure, type DiskShort } from "../base/failure.ts";
import type { StepId } from "../base/ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import { roomAt } from "./full-disk.ts";

/** Bytes that stay free at least: logs, records and other programs write too. */
const leastMargin = 64 * 2 ** 20;

/** What is to stay free beside `writes`, bytes: sizes are exact but for headers, or estimates that err upwards. */
export const marginOf = (writes: number): number => Math.max(leastMargin, Math.ceil(writes / 20));

/** What a step writes, where. */
export interface Writes {
  readonly step: StepId;
  readonly bytes: number;
  /** Where it works: what lies there is written already. Lies below `store`. */
  readonly scratch: string;
  readonly store: string;
  /** Where its output may have to be copied to at the end. */
  readonly results?: string;
}

/** A step that may write. */
export interface Admission {
  /** Bytes it was let in with; undefined for one that writes little. */
  readonly need: number | undefined;
  /** It has written everything, or has failed. May be called twice. */
  readonly settle: () => void;
}

/** Of a step that writes little. */
export const unasked: Admission = { need: undefined, settle: () => undefined };

/**
 * What the steps that run still have to write, by file system, so that two at once are not let in on the room of one.
 * Other processes are not counted: what they will write nobody knows, and a full disk is noticed anyway.
 */
export class DiskBudget {
  readonly #admitted = new Set<Writes>();

  /** Lets a step in if everything it writes will fit. @throws what node:fs throws when the store is gone */
  admit(writes: Writes): Result<Admission, DiskShort> {
    const { step, bytes, store, results } = writes;
    const device = deviceOf(store);
    const places = [{ path: store, others: this.#others(device) }];
    // On one file system it is a link. It is copied after all steps, one of them only: nothing else is counted there.
    if (results !== undefined && deviceOf(results) !== device) places.push({ path: results, others: 0 });
    for (const { path, others } of places) {
      const room = roomAt(path);
      const short = room === undefined ? undefined : shortage(bytes, others, room.free);
      if (short !== undefined) return err({ reason: "disk-short", step, path, ...short });
    }
    this.#admitted.add(writes);
    return ok({ need: bytes, settle: () => void this.#admitted.delete(writes) });
  }

  #others(device: number): number {
    return [...this.#admitted]
      .filter(({ store }) => deviceOf(store) === device)
      .reduce((sum, { bytes, scratch }) => sum + Math.max(0, bytes - writtenIn(scratch)), 0);
  }
}

const deviceOf = (path: string): number => statSync(path).dev;

/** The sum of what must fit, where it does not; all in bytes. */
export const shortage = (
  writes: number,
  others: number,
  free: number,
): Pick<DiskShort, "writes" | "others" | "margin" | "need" | "free"> | undefined => {
  const margin = marginOf(writes);
  const need = writes + others + margin;
  return need <= free ? undefined : { writes, others, margin, need, free };
};

/** Bytes on disk of what a step has made so far; its inputs are links. 0 for a folder that is not there. */
const writtenIn = (scratch: string): number => {
  try {
    return readdirSync(scratch)
      .map((name) => lstatSync(join(scratch, name)))
      .filter((stat) => stat.isFile() && stat.nlink === 1)
      .reduce((sum, { blocks }) => sum + blocks * 512, 0);
  } catch (error) {
    fileFailure(error, scratch, "read");
    return 0;
  }
};
