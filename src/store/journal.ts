import { readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Json } from "../base/canonical.ts";
import { runId, type Key, type RunId, type StepId } from "../base/ids.ts";
import { withBallast } from "./ballast.ts";
import { makeFolder } from "./durable.ts";
import type { Layout } from "./layout.ts";
import type { Owner } from "./owner.ts";
import { sealedAppender, unsealLines } from "./seal.ts";

/** What a run did, line by line, so that the next one can clean up after a kill. */
export type JournalLine =
  | { readonly type: "run"; readonly owner: Owner; readonly pipeline: string }
  | { readonly type: "started"; readonly step: StepId; readonly key: Key }
  | { readonly type: "child"; readonly step: StepId; readonly child: Owner }
  /** Found finished, and needed from now on until the run ends. */
  | { readonly type: "hit"; readonly step: StepId; readonly key: Key }
  | { readonly type: "published"; readonly step: StepId; readonly key: Key }
  | { readonly type: "failed"; readonly step: StepId; readonly failure: string }
  | { readonly type: "ended" };

export type Journal = (line: JournalLine) => void;

/** Opens the journal of a run: one write call a line, whole or ignored. */
export const openJournal = (layout: Layout, run: RunId): Journal => {
  const path = layout.journal(run);
  makeFolder(dirname(path));
  const append = sealedAppender(path);
  return (line) => withBallast(layout.ballast, () => append(line as unknown as Json));
};

export const readJournal = (layout: Layout, run: RunId): JournalLine[] => {
  try {
    return unsealLines(readFileSync(layout.journal(run), "utf8")) as unknown as JournalLine[];
  } catch {
    return [];
  }
};

/** Runs of this store, oldest first. */
export const listRuns = (layout: Layout): RunId[] => readdirSync(layout.runs).sort().map(runId);

/** Forgets a run: its scratch, its journal and its tool logs. */
export const removeRun = (layout: Layout, run: RunId): void => {
  rmSync(layout.runScratch(run), { recursive: true, force: true });
  rmSync(dirname(layout.journal(run)), { recursive: true, force: true });
};
