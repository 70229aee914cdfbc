import { existsSync, readFileSync, statSync } from "node:fs";
import type { JsonObject } from "../base/canonical.ts";
import type { Digest, Key, StepId } from "../base/ids.ts";
import type { Reason } from "../base/reason.ts";
import type { Forecast, Foreseen } from "../plan/forecast.ts";
import type { StepSpec } from "../plan/step.ts";
import type { Layout } from "../store/layout.ts";
import { readRecord, type ActionRecord } from "../store/records.ts";

/** A step for people and programs: what `explain STEP --json` prints. */
export interface StepView {
  readonly pipeline: string;
  readonly step: StepId;
  readonly title: string;
  /** What a run would do with it now, and why. */
  readonly status: Forecast["status"];
  readonly why: readonly Reason[];
  /** The action that a run would find, or the last one; null when there is none. */
  readonly action: ActionView | null;
}

export interface ActionView {
  readonly key: Key;
  /** What was hashed into the key. */
  readonly document: JsonObject;
  /** ISO 8601; null in a record of an earlier version */
  readonly made: string | null;
  /** The pipeline that made it: an equal step of another one is found as well. */
  readonly madeBy: string | null;
  readonly seconds: number;
  readonly repeats: number;
  readonly outputs: readonly OutputView[];
  /** The tool's command line in its scratch folder; null for a step without a tool, and where it is gone. */
  readonly command: { readonly tool: string; readonly argv: readonly string[] } | null;
  /** Folder of what the tool said, one file an attempt; null where there is none. */
  readonly logs: string | null;
}

export interface OutputView {
  readonly name: string;
  readonly sha256: Digest;
  /** bytes */
  readonly size: number;
  /** `dropped`: it is not kept, and made again when it is needed. */
  readonly state: "there" | "dropped" | "missing";
}

/** Undefined for a step that the plan does not have. @throws what node:fs throws */
export const viewStep = (
  pipeline: string,
  spec: StepSpec,
  { forecasts, known }: Foreseen,
  layout: Layout,
): StepView | undefined => {
  const forecast = forecasts.find(({ step }) => step === spec.id);
  if (forecast === undefined) return undefined;
  const key = known.get(spec.id)?.key;
  const record = key === undefined ? undefined : readRecord(layout, key);
  return { pipeline, ...forecast, action: record === undefined ? null : viewAction(record, spec, layout) };
};

const viewAction = (record: ActionRecord, spec: StepSpec, layout: Layout): ActionView => ({
  key: record.key,
  document: record.document,
  made: record.made ?? null,
  madeBy: record.pipeline ?? null,
  seconds: record.seconds,
  repeats: record.repeats,
  outputs: viewOutputs(record, spec, layout),
  command: commandOf(record, layout),
  logs: existsSync(layout.logs(record.key)) ? layout.logs(record.key) : null,
});

const viewOutputs = ({ outputs }: ActionRecord, spec: StepSpec, layout: Layout): OutputView[] =>
  Object.entries(outputs).map(([name, { digest, size }]) => {
    const found = statSync(layout.object(digest), { throwIfNoEntry: false });
    const gone = spec.outputs[name]?.ephemeral === true ? "dropped" : "missing";
    return { name, sha256: digest, size, state: found?.size === size ? "there" : gone };
  });

const commandOf = ({ outputs }: ActionRecord, layout: Layout): ActionView["command"] => {
  const object = outputs["command"];
  if (object === undefined) return null;
  try {
    return JSON.parse(readFileSync(layout.object(object.digest), "utf8")) as ActionView["command"];
  } catch {
    return null;
  }
};
