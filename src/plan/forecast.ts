import type { StepId } from "../base/ids.ts";
import type { Reason } from "../base/reason.ts";
import { decide, type Known, type Snapshot } from "./decide.ts";
import type { Plan, StepSpec } from "./step.ts";

/**
 * What a run would do with a step. `if`: it runs unless an upstream re-run yields the same bytes as before, or only if
 * what is measured before leaves it open. `skip`: nothing needs it.
 */
export interface Forecast {
  readonly step: StepId;
  readonly title: string;
  readonly status: "cached" | "run" | "if" | "skip";
  readonly why: readonly Reason[];
}

/**
 * What a run would do now. Steps below one that must run cannot be known; they are assumed to get the bytes it made
 * last time: with those they are either a hit (`if`) or run in any case. A step that never ran in this pipeline is called
 * `run`, although what comes out above it may turn out to be known from another one.
 */
export const forecast = (plan: Plan, snapshot: Snapshot): Forecast[] => foresee(plan, snapshot).forecasts;

export interface Foreseen {
  readonly forecasts: Forecast[];
  /** The action of each step that the forecast rests on: what it would find, or what it made last. */
  readonly known: ReadonlyMap<StepId, Known>;
}

/** The same with the actions it rests on. */
export const foresee = (plan: Plan, snapshot: Snapshot): Foreseen => {
  const known = new Map<StepId, Known>();
  const forecasts = new Map<StepId, Forecast>();
  const readers = readersByStep(plan);
  for (const spec of plan.steps) {
    // By then it shows which steps get no reader, and what they made before is no input either.
    if (hasOptionalInput(spec))
      for (const idle of idleSteps(plan, readers, forecasts)) settleIdle(idle, forecasts, known);
    forecasts.set(spec.id, forecastStep(spec, forecasts, known, snapshot));
  }
  // Upwards: what is not kept must be made again for a consumer that runs; what waits for one runs only with it.
  for (const spec of plan.steps.toReversed()) {
    doubt(spec, readers, forecasts);
    remake(spec, forecasts, known, snapshot);
  }
  return { forecasts: [...forecasts.values()], known };
};

const forecastStep = (
  spec: StepSpec,
  forecasts: ReadonlyMap<StepId, Forecast>,
  known: Map<StepId, Known>,
  snapshot: Snapshot,
): Forecast => {
  const base = { step: spec.id, title: spec.title };
  const needless = snapshot.needless(spec, (id) => known.get(id));
  if (needless !== undefined && needless.code !== "undecided-yet") return { ...base, status: "skip", why: [needless] };
  const found = forecastNeeded(spec, forecasts, known, snapshot);
  // What may not be needed at all runs only if it turns out to be.
  return needless === undefined || found.status === "cached" ? found : { ...base, status: "if", why: [needless] };
};

const forecastNeeded = (
  spec: StepSpec,
  forecasts: ReadonlyMap<StepId, Forecast>,
  known: Map<StepId, Known>,
  snapshot: Snapshot,
): Forecast => {
  const base = { step: spec.id, title: spec.title };
  const moving = dependencies(spec).filter((id) => ["run", "if"].includes(forecasts.get(id)?.status ?? ""));
  const upstream = moving.map((field): Reason => ({ code: "upstream", field }));
  const last = snapshot.latest(spec.id);
  if (!inputsKnown(spec, known, forecasts) || !ledgerKnown(spec, known, snapshot)) {
    if (last !== undefined) known.set(spec.id, last);
    return { ...base, status: "run", why: whyBlind(spec, last, upstream, snapshot) };
  }
  const decision = decide(spec, (id) => known.get(id), snapshot);
  // A step that runs again from the same inputs is taken to make what it made from them, not what it made last.
  const outcome = decision.status === "cached" ? decision.record : (snapshot.record(decision.key) ?? last);
  if (outcome !== undefined) known.set(spec.id, outcome);
  if (decision.status === "run") return { ...base, status: "run", why: decision.why };
  return upstream.length === 0 ? { ...base, status: "cached", why: [] } : { ...base, status: "if", why: upstream };
};

const hasOptionalInput = ({ inputs }: StepSpec): boolean =>
  Object.values(inputs).some((ref) => ref.from === "step" && ref.optional === true);

/** Steps that wait for a reader and get none. */
const idleSteps = (plan: Plan, readers: Readers, forecasts: ReadonlyMap<StepId, Forecast>): StepSpec[] =>
  plan.steps.filter(
    ({ id, lazy }) => lazy === true && readersOf(id, readers, forecasts).every((reader) => reader?.status === "skip"),
  );

const settleIdle = ({ id, title }: StepSpec, forecasts: Map<StepId, Forecast>, known: Map<StepId, Known>): void => {
  known.delete(id);
  forecasts.set(id, { step: id, title, status: "skip", why: [{ code: "not-needed" }] });
};

/** Steps that cannot do without an output of a step. */
type Readers = ReadonlyMap<StepId, ReadonlySet<StepId>>;

/** Made once: to search all inputs of all steps for each lazy one took most of the time of a plan of 1,000 steps. */
const readersByStep = (plan: Plan): Readers => {
  const readers = new Map<StepId, Set<StepId>>();
  for (const { id, inputs } of plan.steps)
    for (const ref of Object.values(inputs)) {
      if (ref.from !== "step" || ref.optional === true) continue;
      const own = readers.get(ref.step) ?? new Set();
      readers.set(ref.step, own.add(id));
    }
  return readers;
};

const readersOf = (id: StepId, readers: Readers, forecasts: ReadonlyMap<StepId, Forecast>): (Forecast | undefined)[] =>
  [...(readers.get(id) ?? [])].map((reader) => forecasts.get(reader));

/** A step that waits for a reader runs only if one of them turns out to be needed. */
const doubt = ({ id, lazy }: StepSpec, every: Readers, forecasts: Map<StepId, Forecast>): void => {
  const own = forecasts.get(id);
  if (lazy !== true || own?.status !== "run") return;
  const readers = readersOf(id, every, forecasts).filter((reader) => reader?.status !== "skip");
  if (readers.every((reader) => reader?.why.some(({ code }) => code === "undecided-yet")))
    forecasts.set(id, { ...own, status: "if", why: [{ code: "undecided-yet" }] });
};

/** Why a step runs of whose inputs one has never been made. */
const whyBlind = (
  spec: StepSpec,
  last: Known | undefined,
  upstream: readonly Reason[],
  snapshot: Snapshot,
): readonly Reason[] => {
  if (snapshot.forced(spec.id)) return [{ code: "forced" }];
  if (last !== undefined) return upstream;
  return [snapshot.ran(spec.id) ? { code: "output-missing", field: "record" } : { code: "never-ran" }];
};

/** Steps whose outputs a step reads, each once, in the order of its inputs. */
export const dependencies = (spec: StepSpec): StepId[] => [
  ...new Set(Object.values(spec.inputs).flatMap((ref) => (ref.from === "step" ? [ref.step] : []))),
];

const inputsKnown = (
  spec: StepSpec,
  known: ReadonlyMap<StepId, Known>,
  forecasts: ReadonlyMap<StepId, Forecast>,
): boolean =>
  Object.values(spec.inputs).every(
    (ref) =>
      ref.from !== "step" ||
      known.get(ref.step)?.outputs[ref.output] !== undefined ||
      (ref.optional === true && forecasts.get(ref.step)?.status === "skip"),
  );

/** The ledger is looked up by the units of text that the corpus manifest names; when that is gone, it comes with the corpus. */
const ledgerKnown = ({ inputs }: StepSpec, known: ReadonlyMap<StepId, Known>, snapshot: Snapshot): boolean =>
  Object.values(inputs).every((ref) => ref.from !== "ledger" || snapshot.ledger((id) => known.get(id)) !== undefined);

const remake = (
  spec: StepSpec,
  forecasts: Map<StepId, Forecast>,
  known: ReadonlyMap<StepId, Known>,
  snapshot: Snapshot,
): void => {
  const status = forecasts.get(spec.id)?.status;
  if (status === "cached" || status === "skip" || status === undefined) return;
  for (const ref of Object.values(spec.inputs)) {
    if (ref.from !== "step") continue;
    const producer = forecasts.get(ref.step);
    const output = known.get(ref.step)?.outputs[ref.output];
    if (producer === undefined || output === undefined || !isFirmer(status, producer.status)) continue;
    if (snapshot.intact(output)) continue;
    const why = producer.why.filter(({ code }) => code !== "needed-again");
    forecasts.set(ref.step, { ...producer, status, why: [...why, { code: "needed-again", field: ref.output }] });
  }
};

/** `cached` < `if` < `run`: a consumer that runs for sure outweighs one that may run. */
const isFirmer = (status: Forecast["status"], than: Forecast["status"]): boolean =>
  firmness.indexOf(status) > firmness.indexOf(than);

const firmness: readonly Forecast["status"][] = ["skip", "cached", "if", "run"];
