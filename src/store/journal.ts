import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Json } from "../base/canonical.ts";
import { runId, type Key, type RunId, type StepId } from "../base/ids.ts";
import { withBallast } from "./ballast.ts";
import { makeFolder } from "./durable.ts";
import type { Layout } from "./layout.ts";
import type { Owner } from "./owner.ts";
import { sealedAppender, unseal, unsealLines } from "./seal.ts";

/** What a run did, line by line, so that the next one can clean up after a kill. */
export type JournalLine =
  | { readonly type: "run"; readonly owner: Owner; readonly pipeline: string }
  | { readonly type: "started"; readonly step: StepId; readonly key: Key }
  | { readonly type: "child"; readonly step: StepId; readonly child: Owner }
  /** Found finished, and needed from now on until the run ends. */
  | { readonly type: "hit"; readonly step: StepId; readonly key: Key }
  | { readonly type: "published"; readonly step: StepId; readonly key: Key }
  | { readonly type: "failed"; readonly step: StepId; readonly failure: string }
  /** A sign of life, for those who cannot look at the process: see `silence`. */
  | { readonly type: "alive" }
  | { readonly type: "ended" };

export type Journal = (line: JournalLine) => void;

/** Opens the journal of a run: one write call a line, whole or ignored. */
export const openJournal = (layout: Layout, run: RunId): Journal => {
  const path = layout.journal(run);
  makeFolder(dirname(path));
  const append = sealedAppender(path);
  return (line) => withBallast(layout.ballast, () => append(line as unknown as Json));
};

/** ms between two signs of life; a step may take hours and write nothing here. */
const heartbeat = 10 * 60_000;

/** Writes a sign of life now and then, until it is disposed of. */
export const keepAlive = (journal: Journal): Disposable => {
  const beat = setInterval(() => {
    try {
      journal({ type: "alive" });
    } catch {
      // A full or vanished disk is met, and named, by the work itself.
    }
  }, heartbeat).unref();
  return { [Symbol.dispose]: () => clearInterval(beat) };
};

/** ms from the last line of a journal to `now`, ms since 1970; 0 where there is no journal. */
export const silence = (layout: Layout, run: RunId, now: number): number =>
  now - (statSync(layout.journal(run), { throwIfNoEntry: false })?.mtimeMs ?? now);

export const readJournal = (layout: Layout, run: RunId): JournalLine[] =>
  unsealLines(textOf(layout, run)) as unknown as JournalLine[];

/** Whose run it is, undefined where that line is lost, and whether it has ended. */
export interface Life {
  readonly owner: Owner | undefined;
  readonly ended: boolean;
}

/** Of a long journal only two lines are checked. */
export const readLife = (layout: Layout, run: RunId): Life => {
  const lines = textOf(layout, run).split("\n");
  return { owner: findLine(lines, "run")?.owner, ended: findLine(lines, "ended") !== undefined };
};

const findLine = <T extends JournalLine["type"]>(lines: readonly string[], type: T) => {
  const found = lines.filter((line) => line.includes(`"type":"${type}"`)).map(unseal) as unknown as (
    JournalLine | undefined
  )[];
  return found.find((line) => line?.type === type) as Extract<JournalLine, { readonly type: T }> | undefined;
};

const textOf = (layout: Layout, run: RunId): string => {
  try {
    return readFileSync(layout.journal(run), "utf8");
  } catch {
    return "";
  }
};

/** Runs of this store, oldest first. */
export const listRuns = (layout: Layout): RunId[] => readdirSync(layout.runs).sort().map(runId);

/** Forgets a run: its scratch, its journal and its tool logs. */
export const removeRun = (layout: Layout, run: RunId): void => {
  rmSync(layout.runScratch(run), { recursive: true, force: true });
  rmSync(dirname(layout.journal(run)), { recursive: true, force: true });
};
