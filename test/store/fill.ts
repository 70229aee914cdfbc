import { utimesSync, writeFileSync } from "node:fs";
import { fingerprint } from "../../src/base/canonical.ts";
import { runId, stepId, type Key } from "../../src/base/ids.ts";
import { openJournal, type Journal } from "../../src/store/journal.ts";
import { identify } from "../../src/store/owner.ts";
import { writeRecord, type ActionRecord } from "../../src/store/records.ts";
import type { Store } from "./folder.ts";

/** A finished action whose one output holds `text`, last used so many minutes ago. */
export const addAction = (store: Store, name: string, text: string, minutes = 0): ActionRecord => {
  const record: ActionRecord = {
    key: fingerprint(name) as string as Key,
    step: stepId(name),
    document: { params: { name } },
    outputs: { output: store.publish(text) },
    seconds: 1,
    repeats: 0,
    pipeline: "demo",
  };
  writeRecord(store.layout, "demo", record);
  const time = new Date(Date.now() - minutes * 60_000);
  utimesSync(store.layout.action(record.key), time, time);
  return record;
};

/** The journal of a run of this process, or of one that is gone. */
export const openRun = ({ layout }: Store, name: string, alive = true): Journal => {
  const journal = openJournal(layout, runId(name));
  const owner = identify(process.pid);
  journal({ type: "run", owner: alive ? owner : { ...owner, startTime: "1" }, pipeline: "demo" });
  return journal;
};

export const overwrite = (path: string, text: string): void => writeFileSync(path, text, { flag: "w" });
