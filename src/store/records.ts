import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Json, JsonObject } from "../base/canonical.ts";
import type { Key, StepId } from "../base/ids.ts";
import { withBallast } from "./ballast.ts";
import { writeDurably } from "./durable.ts";
import type { Layout } from "./layout.ts";
import { makeWay, type StoredObject } from "./objects.ts";
import { crashPoint } from "./points.ts";
import { readSealed, seal } from "./seal.ts";

/** What a finished action left: writing it is the commit point, after all its objects are in place. */
export interface ActionRecord {
  readonly key: Key;
  readonly step: StepId;
  /** The whole key document, so that a later miss can be explained field by field. */
  readonly document: JsonObject;
  readonly outputs: Readonly<Record<string, StoredObject>>;
  readonly seconds: number;
  /** Tool runs that were repeated because their output was incomplete. */
  readonly repeats: number;
  /** The pipeline that made it; others may use it as well. */
  readonly pipeline?: string;
  /** When it was made, ISO 8601. The time of its file is that of its last use. */
  readonly made?: string;
}

export const writeRecord = (layout: Layout, pipeline: string, record: ActionRecord): void => {
  const path = layout.action(record.key);
  withBallast(layout.ballast, () => {
    mkdirSync(dirname(path), { recursive: true });
    makeWay(layout, path);
    writeDurably(path, seal(record as unknown as Json));
  });
  crashPoint("record-written", record.step);
  noteLatest(layout, pipeline, record);
  crashPoint("latest-written", record.step);
};

/** Makes a record the newest of its step, so that the next miss is explained by what really was there last. */
export const noteLatest = (layout: Layout, pipeline: string, { step, key }: ActionRecord): void => {
  if (layout.readOnly) return;
  const path = layout.latest(pipeline, step);
  if (readSealed(path) === key) return;
  makeWay(layout, path);
  withBallast(layout.ballast, () => writeDurably(path, seal(key)));
};

/** The record of an action, or undefined when there is none that is whole: a damaged record is a miss, not an error. */
export const readRecord = (layout: Layout, key: Key): ActionRecord | undefined => {
  const record = readSealed(layout.action(key)) as unknown as ActionRecord | null | undefined;
  // One that lies under another key's name, as after a bad restore, is damaged too.
  return record?.key === key ? record : undefined;
};

/** The newest record of a step of a pipeline, whatever its key. */
export const readLatest = (layout: Layout, pipeline: string, step: StepId): ActionRecord | undefined => {
  const key = latestKey(layout, pipeline, step);
  return key === undefined ? undefined : readRecord(layout, key);
};

/** Of the newest record of a step, which may be damaged or gone. */
export const latestKey = (layout: Layout, pipeline: string, step: StepId): Key | undefined => {
  const key = readSealed(layout.latest(pipeline, step));
  return typeof key === "string" ? (key as Key) : undefined;
};
