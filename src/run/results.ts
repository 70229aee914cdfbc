import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { sha256 } from "../base/canonical.ts";
import { fileFailure, type DiskFull, type Failure } from "../base/failure.ts";
import type { Digest, StepId } from "../base/ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import { windowsOutput } from "../plan/corpus-step.ts";
import type { Answer } from "../select/answer.ts";
import { makeFolder, writeDurably } from "../store/durable.ts";
import { fileName } from "../store/layout.ts";
import { linkOut, type LinkKind } from "../store/link.ts";
import type { StoredObject } from "../store/objects.ts";
import { crashPoint } from "../store/points.ts";
import { roomAt, withRoom } from "./full-disk.ts";
import type { RunRecord } from "./record.ts";
import type { RunOutcome } from "./run.ts";

/** A file in the results' folder. */
export interface ResultFile {
  readonly file: string;
  readonly sha256: Digest;
  /** How it came out of the store; absent for a text that was written. */
  readonly link?: LinkKind;
}

/** What lies in the results' folder now. */
export interface Placed {
  readonly answer: Answer;
  readonly links: Readonly<Record<string, LinkKind>>;
}

/** The results' folder while it is filled. */
export interface ResultsFolder {
  readonly path: string;
  readonly answer: Answer;
  /** Writes a text that was rendered from the answer. */
  readonly write: (file: string, text: string, executable?: boolean) => void;
  readonly files: () => readonly ResultFile[];
}

/** Makes the folder before anything long starts, so that a run of hours does not end in a place it cannot write to. */
export const prepareFolder = (folder: string): Result<null> => {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
    return ok(null);
  } catch (error) {
    return err(refused(error, folder));
  }
};

const refused = (error: unknown, folder: string): Failure =>
  withRoom(fileFailure(error, folder, "write the results to"));

/** Writes what there is to say of a run and its timeline, last of all; the results of an earlier one stay as they are. */
export const placeRunRecord = (folder: string, record: RunRecord, timeline: string): Result<null> => {
  try {
    writeDurably(join(folder, timelineFile), timeline);
    writeDurably(join(folder, runFile), runText(record));
    return ok(null);
  } catch (error) {
    return err(refused(error, folder));
  }
};

/** Both differ from run to run, so they are not among the sums. */
export const runFile = "run.json";
const timelineFile = "timeline.html";
const runText = (record: RunRecord): string => `${JSON.stringify(record, null, 2)}\n`;

const sumsFile = "SHA256SUMS";

/**
 * Puts what a finished run made into `folder`: the chosen quant, the importance matrix, the report, the packed texts
 * and what the tools said; by link where the file system can. Files that an earlier run put there, by its SHA256SUMS,
 * and that do not belong to this answer any more are removed: an old quant beside a new report would be taken for it.
 * @param render writes everything that is text for people
 */
export const placeResults = (
  outcome: RunOutcome,
  folder: string,
  render: (folder: ResultsFolder) => void,
): Result<Placed> => {
  try {
    const answer = readAnswer(outcome);
    const earlier = listedFiles(folder);
    const objects = placements(outcome, answer);
    const short = shortOfRoom(outcome, folder, objects);
    if (short !== undefined) return err(short);
    const files = placeObjects(outcome, folder, objects);
    const write = (file: string, text: string, executable = false): void => {
      const path = join(folder, file);
      // An fsync costs milliseconds, and most runs change nothing.
      if (readOrNothing(path) !== text) writeDurably(path, text);
      if (executable) chmodSync(path, 0o755);
      files.push({ file, sha256: sha256(text) });
    };
    render({ path: folder, answer, write, files: () => files });
    copyLogs(outcome, join(folder, "logs"));
    const kept = new Set(files.map(({ file }) => file));
    for (const file of earlier) if (!kept.has(file)) rmSync(join(folder, file), { force: true });
    crashPoint("results-linked", folder);
    return ok({ answer, links: linksOf(files) });
  } catch (error) {
    return err(refused(error, folder));
  }
};

const linksOf = (files: readonly ResultFile[]): Placed["links"] =>
  Object.fromEntries(files.flatMap(({ file, link }) => (link === undefined ? [] : [[file, link]])));

const readOrNothing = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

const readAnswer = (outcome: RunOutcome): Answer => {
  const object = outcome.records.get("report" as StepId)?.outputs["report"];
  if (object === undefined) throw new Error("Internal error: results without a report");
  return JSON.parse(readFileSync(outcome.session.layout.object(object.digest), "utf8")) as Answer;
};

/** A stored object and the file that it becomes. */
interface Placement {
  readonly object: StoredObject;
  readonly file: string;
}

const placements = (outcome: RunOutcome, answer: Answer): Placement[] => {
  const place = (step: string, output: string, file: string): Placement[] => {
    const object = outcome.records.get(step as StepId)?.outputs[output];
    return object === undefined ? [] : [{ object, file }];
  };
  const texts = outcome.plan.steps.find(({ kind }) => kind === "corpus")?.outputs ?? {};
  return [
    ...(answer.choice === null ? [] : place(`quantize/${answer.choice.type}`, "quant", answer.choice.file)),
    ...fitted(answer).flatMap(({ type, file }) => place(`quantize/${type}`, "quant", file)),
    ...place("imatrix", "imatrix", "imatrix.gguf"),
    ...place("report", "report", "report.json"),
    ...Object.entries(texts)
      .filter(([output]) => !output.startsWith(windowsOutput("")))
      .flatMap(([output, { file }]) => place("corpus", output, `corpus/${file}`)),
  ];
};

/** Rarely there is one: the smallest file need not have the longest context. */
const fitted = ({ choice, fit }: Answer): { readonly type: string; readonly file: string }[] => {
  const found = fit?.choice ?? null;
  return found === null || found.type === choice?.type ? [] : [found];
};

const placeObjects = ({ session }: RunOutcome, folder: string, objects: readonly Placement[]): ResultFile[] =>
  objects.map(({ object, file }) => {
    const link = linkOut(session.layout, session.memo, object, join(folder, file));
    return { file, sha256: object.digest, link };
  });

/** On another file system nothing can be linked: what is not there yet must fit, before the first of it is copied. */
const shortOfRoom = ({ session }: RunOutcome, folder: string, objects: readonly Placement[]): DiskFull | undefined => {
  if (statSync(folder).dev === statSync(session.layout.root).dev) return undefined;
  const need = objects
    .filter(({ object, file }) => statSync(join(folder, file), { throwIfNoEntry: false })?.size !== object.size)
    .reduce((sum, { object }) => sum + object.size, 0);
  const room = roomAt(folder);
  if (room === undefined || need <= room.free) return undefined;
  return { reason: "disk-full", path: folder, need, free: room.free };
};

/** Names in an earlier SHA256SUMS: only what we listed there do we dare to remove. */
const listedFiles = (folder: string): string[] => {
  const sums = join(folder, sumsFile);
  if (!existsSync(sums)) return [];
  const lines = readFileSync(sums, "utf8").split("\n");
  return lines
    .flatMap((line) => /^[0-9a-f]{64} {2}([^/.][^\\]*)$/.exec(line)?.[1] ?? [])
    .filter((file) => !file.includes(".."));
};

/** One file a step, its attempts one after the other; the logs of a cached step are there already, or copied again. */
const copyLogs = ({ steps, records, session }: RunOutcome, folder: string): void => {
  mkdirSync(folder, { recursive: true });
  for (const { step: id, status } of steps) {
    const record = records.get(id);
    const logs = record === undefined ? "" : session.layout.logs(record.key);
    if (!existsSync(logs) || (status === "cached" && existsSync(join(folder, `${fileName(id)}.log`)))) continue;
    const attempts = readdirSync(logs).sort();
    if (attempts.length === 0) continue;
    writeFileSync(
      join(folder, `${fileName(id)}.log`),
      Buffer.concat(attempts.map((attempt) => readFileSync(join(logs, attempt)))),
    );
  }
};
