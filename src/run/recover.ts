import { existsSync, rmSync } from "node:fs";
import type { RunId } from "../base/ids.ts";
import { isAtWork } from "../store/claim.ts";
import {
  listRuns,
  openJournal,
  readJournal,
  readLife,
  removeRun,
  silence,
  type JournalLine,
} from "../store/journal.ts";
import type { Layout } from "../store/layout.ts";
import { makeWay } from "../store/objects.ts";
import { isAlive, isElsewhere } from "../store/owner.ts";
import { signalGroup } from "./child.ts";

/** Finished runs whose journal and tool logs are kept; older ones are removed at the next start. */
const keptRuns = 20;

/**
 * Cleans up after runs whose process is gone: ends the tools they left running (found by pid and start time, so that a
 * reused pid is safe) and removes their scratch. Needs no flag and no question: what was finished is in the store.
 * @returns the runs that had been killed
 */
export const recover = (layout: Layout): RunId[] => {
  const killed = listRuns(layout).filter((run) => wasKilled(layout, run));
  for (const run of killed) cleanUp(layout, run);
  const finished = listRuns(layout).filter((run) => readLife(layout, run).ended);
  for (const run of finished.slice(0, -keptRuns)) removeRun(layout, run);
  return killed;
};

const wasKilled = (layout: Layout, run: RunId): boolean => {
  const { owner, ended } = readLife(layout, run);
  if (owner === undefined) return existsSync(layout.runScratch(run));
  return !ended && !isAtWork(owner, silence(layout, run, Date.now()));
};

const cleanUp = (layout: Layout, run: RunId): void => {
  for (const line of readJournal(layout, run)) endOrphan(line);
  rmSync(layout.runScratch(run), { recursive: true, force: true });
  makeWay(layout, layout.journal(run));
  openJournal(layout, run)({ type: "ended" });
};

const endOrphan = (line: JournalLine): void => {
  // The same number is another process here, when it was given elsewhere.
  if (line.type === "child" && !isElsewhere(line.child) && isAlive(line.child)) signalGroup(line.child.pid, "SIGKILL");
};
