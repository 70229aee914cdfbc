import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../base/canonical.ts";
import { fileFailure } from "../base/failure.ts";
import type { Digest, Key, RunId, StepId } from "../base/ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import { makeFolder } from "./durable.ts";

/** Where things lie in a store. The version is in the folder's name: a new layout never reads an old one. */
export interface Layout {
  readonly root: string;
  readonly memo: string;
  readonly object: (digest: Digest) => string;
  readonly action: (key: Key) => string;
  /** Names the newest action of a step of a pipeline. */
  readonly latest: (pipeline: string, step: StepId) => string;
  readonly scratch: (run: RunId, step: StepId) => string;
  readonly runScratch: (run: RunId) => string;
  readonly runs: string;
  readonly journal: (run: RunId) => string;
  /** What the tools of an action said, attempt by attempt. */
  readonly logs: (key: Key) => string;
  /** The same while the step runs, and after it failed: two runs of one action must not write to one file. */
  readonly runLogs: (run: RunId, step: StepId) => string;
  readonly quarantine: (name: string) => string;
  /** What was piped into a run, by its digest: it can be read only once. */
  readonly piped: string;
  /** Can be given up when the disk is full. */
  readonly ballast: string;
  /** Stays empty: where tools are told to look for their configuration. */
  readonly emptyFolder: string;
}

const folders = ["objects", "actions", "latest", "logs", "scratch", "runs", "quarantine", "piped", "empty"];

const tag = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory can be deleted; it only costs time.\n";

/** Opens the store in `directory`, making it where it does not exist. */
export const openLayout = (directory: string): Result<Layout> => {
  const root = join(directory, "store-v1");
  try {
    for (const folder of folders) makeFolder(join(root, folder));
    // In our own folder and not beside it: `--cache .` must not tell a backup to leave the user's files out.
    const marker = join(root, "CACHEDIR.TAG");
    if (!existsSync(marker)) writeFileSync(marker, tag);
  } catch (error) {
    return err(fileFailure(error, root, "create the store"));
  }
  return ok(layoutAt(root));
};

/** A step id as one file name: ids hold `/`, and nothing else that a file system minds. */
export const fileName = (step: StepId): string => step.replaceAll("/", "+");

const layoutAt = (root: string): Layout => ({
  root,
  memo: join(root, "memo.jsonl"),
  object: (digest) => join(root, "objects", digest.slice(0, 2), digest),
  action: (key) => join(root, "actions", key.slice(0, 2), key),
  latest: (pipeline, step) => join(root, "latest", sha256(`${pipeline}\n${step}`)),
  scratch: (run, step) => join(root, "scratch", run, fileName(step)),
  runScratch: (run) => join(root, "scratch", run),
  runs: join(root, "runs"),
  journal: (run) => join(root, "runs", run, "journal.jsonl"),
  logs: (key) => join(root, "logs", key.slice(0, 2), key),
  runLogs: (run, step) => join(root, "runs", run, "logs", fileName(step)),
  quarantine: (name) => join(root, "quarantine", name),
  piped: join(root, "piped"),
  ballast: join(root, "ballast"),
  emptyFolder: join(root, "empty"),
});
