import type { JsonObject } from "../base/canonical.ts";
import type { Digest, Key, StepId } from "../base/ids.ts";
import type { Reason } from "../base/reason.ts";
import type { Toolchain } from "../base/tool.ts";
import { keyDocument, keyOf } from "./key.ts";
import type { StepSpec } from "./step.ts";
import { whyDifferent } from "./why.ts";

/** A finished action, as far as a plan needs to know it. */
export interface Known {
  readonly key: Key;
  readonly document: JsonObject;
  readonly outputs: Readonly<Record<string, { readonly digest: Digest; readonly size: number }>>;
}

/** What `run` looked up beforehand, so that planning itself touches no disk. */
export interface Snapshot<R extends Known = Known> {
  readonly toolchain: Toolchain;
  readonly digestOf: (path: string) => Digest;
  readonly record: (key: Key) => R | undefined;
  /** The newest action of this step, whatever its key. */
  readonly latest: (step: StepId) => R | undefined;
  /** Whether this step ever came to its end here, also when nothing of it can be read any more. */
  readonly ran: (step: StepId) => boolean;
  readonly intact: (object: { readonly digest: Digest; readonly size: number }) => boolean;
  readonly forced: (step: StepId) => boolean;
  /**
   * Digest of what earlier decisions on this holdout have spent, as seen from the outputs known so far; undefined as
   * long as the bytes of the corpus manifest are not there.
   */
  readonly ledger: (upstream: Upstream) => Digest | undefined;
  /** Why nothing needs what the step would measure or build; undefined when something does. */
  readonly needless: (spec: StepSpec, upstream: Upstream) => Reason | undefined;
}

export type Decision<R extends Known = Known> =
  | { readonly status: "cached"; readonly key: Key; readonly document: JsonObject; readonly record: R }
  | { readonly status: "run"; readonly key: Key; readonly document: JsonObject; readonly why: readonly Reason[] };

/** Outputs of the steps decided so far. */
export type Upstream = (step: StepId) => Known | undefined;

/** Whether a step, all of whose inputs are known, is a hit; if not, why. */
export const decide = <R extends Known>(spec: StepSpec, upstream: Upstream, snapshot: Snapshot<R>): Decision<R> => {
  const document = keyDocument(spec, inputDigests(spec, upstream, snapshot), snapshot.toolchain);
  const key = keyOf(document);
  if (snapshot.forced(spec.id)) return { status: "run", key, document, why: [{ code: "forced" }] };
  const record = snapshot.record(key);
  if (record === undefined) return { status: "run", key, document, why: whyMissed(spec, document, snapshot) };
  const missing = missingOutputs(spec, record, snapshot);
  if (missing.length > 0) return { status: "run", key, document, why: missing };
  return { status: "cached", key, document, record };
};

/** Digest of each input by role. @throws when an upstream step is not known: callers keep the order */
const inputDigests = (spec: StepSpec, upstream: Upstream, snapshot: Snapshot): Record<string, Digest> =>
  Object.fromEntries(
    Object.entries(spec.inputs).flatMap(([role, ref]) => {
      if (ref.from === "file") return [[role, snapshot.digestOf(ref.path)]];
      const digest =
        ref.from === "ledger" ? snapshot.ledger(upstream) : upstream(ref.step)?.outputs[ref.output]?.digest;
      if (digest !== undefined) return [[role, digest]];
      if (ref.from === "step" && ref.optional === true) return [];
      throw new Error(`Internal error: ${spec.id} has no ${role}`);
    }),
  );

const whyMissed = (spec: StepSpec, document: JsonObject, snapshot: Snapshot): Reason[] => {
  const last = snapshot.latest(spec.id);
  if (last === undefined)
    return [snapshot.ran(spec.id) ? { code: "output-missing", field: "record" } : { code: "never-ran" }];
  const why = whyDifferent(last.document, document);
  // Equal documents without a record: it was damaged or collected.
  return why.length > 0 ? why : [{ code: "output-missing", field: "record" }];
};

/** Ephemeral outputs may be gone; the others must be there, whole. */
const missingOutputs = (spec: StepSpec, record: Known, { intact }: Snapshot): Reason[] =>
  Object.entries(spec.outputs).flatMap(([name, { ephemeral }]) => {
    const output = record.outputs[name];
    const missing = output === undefined || (ephemeral !== true && !intact(output));
    return missing ? [{ code: "output-missing", field: name } as const] : [];
  });
