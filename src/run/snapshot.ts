import type { Digest, StepId } from "../base/ids.ts";
import type { Toolchain } from "../base/tool.ts";
import type { Snapshot } from "../plan/decide.ts";
import type { Layout } from "../store/layout.ts";
import type { Memo } from "../store/memo.ts";
import { objectIntact } from "../store/objects.ts";
import { latestKey, readLatest, readRecord, type ActionRecord } from "../store/records.ts";
import type { Bookkeeping } from "./bookkeeping.ts";

/** What planning may know of the disk. Digests and checks are remembered, so that a run sees one state of each file. */
export const takeSnapshot = (
  layout: Layout,
  memo: Memo,
  pipeline: string,
  toolchain: Toolchain,
  forced: (step: StepId) => boolean,
  { needless, ledger }: Bookkeeping,
): Snapshot<ActionRecord> => {
  const digests = new Map<string, Digest>();
  const digestOf = (path: string): Digest => {
    const found = digests.get(path) ?? memo.digestFile(path);
    digests.set(path, found);
    return found;
  };
  return {
    toolchain,
    digestOf,
    record: (key) => readRecord(layout, key),
    latest: (step) => readLatest(layout, pipeline, step),
    ran: (step) => latestKey(layout, pipeline, step) !== undefined,
    intact: (object) => objectIntact(layout, memo, object),
    forced,
    needless,
    ledger: (upstream) => ledger(upstream, digestOf)?.digest,
  };
};
