import { accessSync, constants, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../base/canonical.ts";
import { fileFailure } from "../base/failure.ts";
import type { Digest, Key, RunId, StepId } from "../base/ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import { makeFolder } from "./durable.ts";
import { machineId } from "./machine.ts";

/** Where things lie in a store. The version is in the folder's name: a new layout never reads an old one. */
export interface Layout {
  readonly root: string;
  /** Nothing is written, moved or removed anywhere below `root`: what is in it is used, and nothing else can be had. */
  readonly readOnly: boolean;
  /** Of this machine: another one gives other numbers to the same file, and the same numbers to other files. */
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
  /** Who is at work on what, see lock.ts; empty while nobody is. */
  readonly locks: string;
  readonly lock: (name: string) => string;
  /** What was piped into a run, by its digest: it can be read only once. */
  readonly piped: string;
  /** What came of checking pipeline files, see checked.ts. */
  readonly checked: string;
  /** Can be given up when the disk is full. */
  readonly ballast: string;
  readonly objects: string;
  readonly actions: string;
  readonly latests: string;
  readonly quarantined: string;
  /** The actions of the newest run of a pipeline that came to its end, by pipeline. */
  readonly finished: string;
  /** The same of a run that a person wants kept. */
  readonly pins: string;
  /** Where a collection moves things before it deletes them. */
  readonly trash: string;
  /** Stays empty: where tools are told to look for their configuration. */
  readonly emptyFolder: string;
}

const results = ["objects", "actions", "latest", "logs", "finished", "pins"];
const work = ["scratch", "runs", "quarantine", "locks", "piped", "empty", "trash", "checked"];
const folders = [...results, ...work];

const tag = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory can be deleted; it only costs time.\n";

/**
 * Opens the store in `directory`, making it where it does not exist. One that is there and may not be written to, as on a
 * share or for another user, is opened for reading, and so is any store that is asked for in that way.
 */
export const openLayout = (directory: string, readOnly = false): Result<Layout> => {
  const root = join(directory, "store-v1");
  if (readOnly) return openForReading(root);
  try {
    if (isLocked(root)) return ok(layoutAt(root, true));
    for (const folder of folders) makeFolder(join(root, folder));
    // In our own folder and not beside it: `--cache .` must not tell a backup to leave the user's files out.
    const marker = join(root, "CACHEDIR.TAG");
    if (!existsSync(marker)) writeFileSync(marker, tag);
  } catch (error) {
    return err(fileFailure(error, root, "create the store"));
  }
  return ok(layoutAt(root, false));
};

/** A misspelt path would otherwise look like an empty store. */
const openForReading = (root: string): Result<Layout> => {
  try {
    statSync(join(root, "objects"));
    return ok(layoutAt(root, true));
  } catch (error) {
    return err(fileFailure(error, root, "read the store"));
  }
};

/** Whether a store is there in which one of our folders cannot be written to. Asked before anything is made in it. */
const isLocked = (root: string): boolean =>
  existsSync(join(root, "objects")) && folders.some((folder) => refuses(join(root, folder)));

const refuses = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && ["EROFS", "EACCES", "EPERM"].includes(String(error.code));
  }
};

/** A step id as one file name: ids hold `/`, and nothing else that a file system minds. */
export const fileName = (step: StepId): string => step.replaceAll("/", "+");

const layoutAt = (root: string, readOnly: boolean): Layout => ({
  root,
  readOnly,
  memo: join(root, `memo.${machineId()}.jsonl`),
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
  locks: join(root, "locks"),
  lock: (name) => join(root, "locks", name),
  piped: join(root, "piped"),
  checked: join(root, "checked"),
  ballast: join(root, "ballast"),
  objects: join(root, "objects"),
  actions: join(root, "actions"),
  latests: join(root, "latest"),
  quarantined: join(root, "quarantine"),
  finished: join(root, "finished"),
  pins: join(root, "pins"),
  trash: join(root, "trash"),
  emptyFolder: join(root, "empty"),
});
