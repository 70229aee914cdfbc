import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Key } from "../../src/base/ids.ts";
import { listRuns, readJournal } from "../../src/store/journal.ts";
import { openLayout, type Layout } from "../../src/store/layout.ts";
import { readRecord, type ActionRecord } from "../../src/store/records.ts";
import { stepsThat, type Ended } from "../rig/rig.ts";
import type { Place } from "./place.ts";

/** What a run comes to when nothing disturbs it. */
export interface Undisturbed {
  readonly sums: ReadonlyMap<string, string>;
  readonly steps: readonly string[];
}

export const undisturbedRun = async (place: Place): Promise<Undisturbed> => {
  const ended = await place.run();
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  return { sums: place.sums(), steps: [...ended.steps.keys()] };
};

/** Steps that a killed run had published. What its journal or its events call published must really be on the disk. */
export const publishedBy = (place: Place, killed: Ended): readonly string[] => {
  const layout = layoutOf(place);
  const records = recordsIn(layout);
  const published = records.map(({ step }) => step as string);
  for (const run of listRuns(layout))
    for (const line of readJournal(layout, run))
      if (line.type === "published") expect(records.map(({ key }) => key)).toContain(line.key);
  for (const step of stepsThat(killed, "done")) expect(published).toContain(step);
  return published;
};

/**
 * What must hold after any disturbance: the next run ends well with the results of an undisturbed one and leaves
 * nothing behind; what was published is not made again; and the run after that has nothing to do and nothing to read.
 */
export const expectWhole = async (
  place: Place,
  undisturbed: Undisturbed,
  published: readonly string[],
): Promise<Ended> => {
  const next = await place.run();
  expect(next.code, next.stdout.slice(-4000) + next.stderr).toBe(0);
  for (const step of published) expect(next.steps.get(step), `${step} had been published`).toBe("cached");
  expect(place.sums()).toEqual(undisturbed.sums);
  expectTidy(place);
  const settled = performance.now() + youngMs;
  do {
    const third = await place.run();
    expect(third.code, third.stdout + third.stderr).toBe(0);
    expect(stepsThat(third, "done")).toEqual([]);
    expect([...third.steps.keys()].sort()).toEqual([...undisturbed.steps].sort());
    expect(place.record()).toMatchObject({ executed: 0 });
  } while (place.record().hashedBytes > 0 && performance.now() < settled);
  expect(place.record().hashedBytes).toBe(0);
  return next;
};

/** A file that was hashed within two seconds of its change, as of a link that was taken from it, is hashed once more. */
const youngMs = 6000;

/** No process, no scratch, no lock; every record has its objects but for what is dropped, and every object its digest. */
const expectTidy = (place: Place): void => {
  expect(place.survivors()).toEqual([]);
  expect(readdirSync(place.inStore("scratch"))).toEqual([]);
  if (existsSync(place.inStore("locks"))) expect(readdirSync(place.inStore("locks"))).toEqual([]);
  const layout = layoutOf(place);
  const objects = filesBelow(place.inStore("objects"));
  for (const [name, path] of objects) {
    expect(lstatSync(path).isFile(), path).toBe(true);
    expect(sha256(path), path).toBe(name);
  }
  for (const { step, outputs } of recordsIn(layout))
    for (const [output, { digest }] of Object.entries(outputs))
      expect(objects.has(digest), `${output} of ${step}`).toBe(!isEphemeral(output));
};

/** Base logits, and what a range of an importance matrix gives to the next, are dropped once read; all else is kept. */
const isEphemeral = (output: string): boolean => output === "logits" || output === "part";

export const layoutOf = (place: Place): Layout => {
  const layout = openLayout(place.store);
  if (!layout.ok) throw new Error(JSON.stringify(layout.error));
  return layout.value;
};

/** Records that are whole; what is damaged counts as absent, as it does for the program. */
export const recordsIn = (layout: Layout): readonly ActionRecord[] =>
  [...filesBelow(join(layout.root, "actions")).keys()].flatMap((key) => readRecord(layout, key as Key) ?? []);

/** Name → path of what lies in the folders below a folder; temporary files that a kill left are none of them. */
export const filesBelow = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder).flatMap((part) =>
      readdirSync(join(folder, part))
        .filter((name) => !name.endsWith(".tmp"))
        .map((name): [string, string] => [name, join(folder, part, name)]),
    ),
  );

const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
