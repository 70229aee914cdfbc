import { renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Key, RunId, StepId } from "../base/ids.ts";
import { makeFolder } from "./durable.ts";
import type { Layout } from "./layout.ts";

/** Puts the logs of a finished step where they are found by its key. Of two runs that finish at once, one's remain. */
export const keepLogs = (layout: Layout, run: RunId, step: StepId, key: Key): void => {
  const target = layout.logs(key);
  makeFolder(dirname(target));
  rmSync(target, { recursive: true, force: true });
  try {
    renameSync(layout.runLogs(run, step), target);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
};
