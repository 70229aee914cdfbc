import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../base/canonical.ts";
import type { Notice } from "../base/event.ts";
import { fileFailure, interruption, type Failure, type InputChanged } from "../base/failure.ts";
import type { Key } from "../base/ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { StepSpec } from "../plan/step.ts";
import type { Lock } from "../store/lock.ts";
import { keepLogs } from "../store/logs.ts";
import { publishObject, quarantine, type StoredObject } from "../store/objects.ts";
import { crashPoint } from "../store/points.ts";
import { writeRecord, type ActionRecord } from "../store/records.ts";
import type { Session } from "./session.ts";
import { makeContext, type KeyedCommand, type ToolCommand } from "./context.ts";
import type { Admission } from "./disk.ts";
import { asDiskFull, fullDisk } from "./full-disk.ts";
import type { InputFile, StepContext, StepImplementation } from "./steps/step.ts";

/** A step that must run, with everything known about it. */
export interface Work {
  readonly spec: StepSpec;
  readonly implementation: StepImplementation;
  readonly key: Key;
  readonly document: JsonObject;
  readonly inputs: ReadonlyMap<string, InputFile>;
  /** Digests an ephemeral output must have when it is made again. */
  readonly expected: ActionRecord | undefined;
  readonly threads: number;
  readonly disk: Admission;
  /** The lock of the step, which a run that slept for long may have lost to another. */
  readonly lock: Lock;
}

/**
 * Runs one step in the crash order: scratch → tool → check → hash → fsync → rename into objects → record → journal.
 * Killed at any instant it leaves either nothing that counts or a finished action.
 */
export const execute = async (session: Session, work: Work): Promise<Result<ActionRecord>> => {
  const { layout, run, journal } = session;
  const scratch = layout.scratch(run, work.spec.id);
  try {
    makeScratch(scratch, work);
    crashPoint("scratch-made", work.spec.id);
    journal({ type: "started", step: work.spec.id, key: work.key });
    const result = await runAndPublish(session, work, scratch);
    // Looked at while what it left in the scratch is there: that is what fills a full disk.
    const failure = result.ok ? undefined : asDiskFull(result.error, scratch, work.disk.need);
    rmSync(scratch, { recursive: true, force: true });
    crashPoint("scratch-removed", work.spec.id);
    if (failure === undefined) return result;
    journal({ type: "failed", step: work.spec.id, failure: failure.reason });
    return err(failure);
  } catch (error) {
    const failure = asDiskFull(fileFailure(error, scratch, "write"), scratch, work.disk.need);
    giveUp(session, work, scratch, failure);
    return err(failure);
  }
};

/** Partial files go at once: they may be what fills the disk. The failure that is told is the first one. */
const giveUp = ({ journal }: Session, { spec }: Work, scratch: string, failure: Failure): void => {
  try {
    rmSync(scratch, { recursive: true, force: true });
    journal({ type: "failed", step: spec.id, failure: failure.reason });
  } catch (error) {
    // What is left, the next start removes.
    fileFailure(error, scratch, "remove");
  }
};

/** Inputs lie in the scratch directory under their role's name, so that no argument of a tool holds a path. */
const makeScratch = (scratch: string, { inputs }: Work): void => {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  for (const [role, input] of inputs) if (!role.includes("/")) placeInput(input, join(scratch, role));
};

/**
 * A link by name; but a hard link where another run may drop the file at any moment. (Not everywhere: a hard link
 * changes the ctime of its file, so the memo would have to be told, and inputs may lie on another file system.)
 */
const placeInput = ({ path, ephemeral }: InputFile, place: string): void => {
  if (ephemeral) linkSync(path, place);
  else symlinkSync(path, place);
};

const runAndPublish = async (session: Session, work: Work, scratch: string): Promise<Result<ActionRecord>> => {
  const began = performance.now();
  const { context, repeats, command, waited } = makeContext(session, work, scratch);
  const made = await work.implementation.run(context);
  if (!made.ok) return made;
  if ("command" in work.spec.outputs) noteCommand(context.path("command"), command(), work.key);
  crashPoint("tool-finished", work.spec.id);
  const checked = checkOutputs(session, work, context);
  if (checked !== undefined) return err(checked);
  work.disk.settle();
  const changed = changedInput(session, work);
  if (changed !== undefined) return err(changed);
  if (!work.lock.held()) session.emit(lostLock(work));
  const outputs = await publishOutputs(session, work, context);
  if (!outputs.ok) return outputs;
  const record: ActionRecord = {
    key: work.key,
    step: work.spec.id,
    document: work.document,
    outputs: outputs.value,
    seconds: Math.round(performance.now() - began - waited() * 1000) / 1000,
    repeats: repeats(),
    pipeline: session.pipeline,
    made: new Date().toISOString(),
  };
  keepLogs(session.layout, session.run, work.spec.id, work.key);
  writeRecord(session.layout, session.pipeline, record);
  session.journal({ type: "published", step: work.spec.id, key: work.key });
  crashPoint("journal-published", work.spec.id);
  return ok(record);
};

/** Both publish then, and the second finds the bytes of the first. */
const lostLock = ({ spec }: Work): Notice => ({
  type: "notice",
  level: "warning",
  message: `${spec.id}: this run gave no sign for so long that another may have made it too; that costs time only`,
});

/** Tools read the user's own files. What one of them made of other bytes than its key says must not be found by it. */
const changedInput = ({ memo }: Session, { spec, inputs }: Work): InputChanged | undefined => {
  for (const [role, ref] of Object.entries(spec.inputs)) {
    if (ref.from !== "file" || memo.digestFile(ref.path) === inputs.get(role)?.digest) continue;
    return { reason: "input-changed", step: spec.id, path: ref.path };
  }
  return undefined;
};

/** The arguments that ran, or what a step wrote down itself to stand for the commands that it ran; with the key of the step. */
const noteCommand = (path: string, ran: ToolCommand, key: Key): void => {
  const said = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ToolCommand) : ran;
  const keyed: KeyedCommand = { ...said, key };
  writeFileSync(path, `${JSON.stringify(keyed)}\n`);
};

const checkOutputs = (session: Session, work: Work, context: StepContext): Failure | undefined => {
  for (const output of Object.keys(work.spec.outputs)) {
    const path = context.path(output);
    const invalid = { reason: "artifact-invalid", step: work.spec.id, output } as const;
    if (!existsSync(path)) return { ...invalid, why: "was not written" };
    const checked = work.implementation.check?.(output, path, context) ?? ok(null);
    if (checked.ok) continue;
    // Half a file of a full disk is not worth the room it takes.
    const full = fullDisk(context.scratch);
    return full ?? { ...invalid, why: checked.error, quarantined: quarantine(session.layout, path) };
  }
  return undefined;
};

const publishOutputs = async (
  session: Session,
  work: Work,
  context: StepContext,
): Promise<Result<Record<string, StoredObject>>> => {
  const outputs: Record<string, StoredObject> = {};
  for (const [output, { ephemeral }] of Object.entries(work.spec.outputs)) {
    await session.memo.readAhead(context.path(output), session.cancel);
    if (session.cancel.aborted) return err(interruption(session.cancel));
    const object = publishObject(session.layout, session.memo, context.path(output));
    const expected = work.expected?.outputs[output]?.digest ?? object.digest;
    // Only what was dropped is compared: everything else that comes out different is simply a new result.
    if (ephemeral === true && object.digest !== expected) {
      return err({ reason: "not-reproduced", step: work.spec.id, output, expected, got: object.digest });
    }
    outputs[output] = ephemeral === true ? { ...object, ephemeral } : object;
  }
  return ok(outputs);
};
