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
  type Life,
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
  const lives = listRuns(layout).map((run): [RunId, Life] => [run, readLife(layout, run)]);
  const killed = lives.filter(([run, life]) => wasKilled(layout, run, life)).map(([run]) => run);
  for (const run of killed) cleanUp(layout, run);
  const finished = lives.filter(([run, { ended }]) => ended || killed.includes(run)).map(([run]) => run);
  for (const run of finished.slice(0, -keptRuns)) removeRun(layout, run);
  return killed;
};

const wasKilled = (layout: Layout, run: RunId, { owner, ended }: Life): boolean => {
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
