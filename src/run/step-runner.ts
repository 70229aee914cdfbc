import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileFailure, type Failure } from "../base/failure.ts";
import type { Digest, StepId } from "../base/ids.ts";
import type { Reason } from "../base/reason.ts";
import { err, ok, type Result } from "../base/result.ts";
import { decide, type Decision, type Snapshot } from "../plan/decide.ts";
import type { Plan, StepSpec } from "../plan/step.ts";
import type { Lock } from "../store/lock.ts";
import { claim } from "../store/claim.ts";
import { evictObject, type StoredObject } from "../store/objects.ts";
import { noteLatest, type ActionRecord } from "../store/records.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import { DiskBudget, unasked, type Admission } from "./disk.ts";
import { execute } from "./execute.ts";
import type { RunStep } from "./record.ts";
import { withRoom } from "./full-disk.ts";
import type { JobOutcome, Slots } from "./scheduler.ts";
import type { Session } from "./session.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { InputFile } from "./steps/step.ts";
import { lockStep } from "./step-lock.ts";
import { StepInputs } from "./step-inputs.ts";
import { stepTable } from "./steps/table.ts";
import type { Uses } from "./uses.ts";

export interface StepRunnerOptions {
  /** For the tool of a step. */
  readonly threads: (spec: StepSpec) => number;
  readonly uses: Uses;
  readonly keepGoing: boolean;
  readonly selected: (step: StepId) => boolean;
  readonly forced: (step: StepId) => boolean;
  /** Folder of the results, where the chosen quant must fit too. */
  readonly results?: string;
  readonly verify: Verify;
}

/** What is wrong with what a step gave, beyond its own checks. */
export type Verify = (step: StepId, record: ActionRecord) => Failure | undefined;

/** Decides each step once its inputs are known, runs it when it is no hit, and keeps what came of it. */
export class StepRunner {
  readonly records = new Map<StepId, ActionRecord>();
  readonly failures: Failure[] = [];
  readonly steps = new Map<StepId, RunStep>();
  readonly #session: Session;
  readonly #plan: Plan;
  readonly #options: StepRunnerOptions;
  readonly #snapshot: Snapshot<ActionRecord>;
  readonly inputs: StepInputs;
  readonly #began = performance.now();
  /** Steps whose dropped outputs are being made again: each once, however many consumers wait. */
  readonly #remaking = new Map<StepId, Promise<JobOutcome>>();
  /** Steps that waited for a reader and got one: each is run once. */
  readonly #fetching = new Map<StepId, Promise<JobOutcome>>();
  readonly #unneeded = new Set<StepId>();
  readonly #disk = new DiskBudget();
  /** Aborts when no further step may start: then there is nothing to wait for either. */
  readonly #stop = new AbortController();

  constructor(session: Session, plan: Plan, books: Bookkeeping, options: StepRunnerOptions) {
    this.#session = session;
    this.#plan = plan;
    this.#options = options;
    const { layout, memo, pipeline, toolchain } = session;
    this.#snapshot = takeSnapshot(layout, memo, pipeline, toolchain, options.forced, books);
    this.inputs = new StepInputs(session, plan, this.#snapshot, books, this.records);
  }

  /** What the store refuses while a step is decided is that step's failure: others may be running. */
  async run(spec: StepSpec, slots: Slots): Promise<JobOutcome> {
    try {
      return await this.#run(spec, slots);
    } catch (error) {
      return this.#fail(spec, fileFailure(error, this.#session.layout.root, "use the store in"), []);
    }
  }

  async #run(spec: StepSpec, slots: Slots): Promise<JobOutcome> {
    if (spec.lazy === true) return "succeeded";
    const needless = this.#snapshot.needless(spec, (id) => this.records.get(id));
    if (needless?.code === "undecided-yet") return this.#skip(spec, needless);
    if (needless !== undefined) return this.#spare(spec, needless);
    return this.#bring(spec, slots);
  }

  /** Of a file of the user's, as the steps of this run see it. @throws what node:fs throws */
  digestOf(path: string): Digest {
    return this.#snapshot.digestOf(path);
  }

  /** Steps that waited for a reader to the end were not needed. */
  finish(): void {
    for (const spec of this.#plan.steps)
      if (spec.lazy === true && !this.steps.has(spec.id)) this.#spare(spec, { code: "not-needed" });
    // Where every reader is cached, none drops what it read: after a kill between its record and the dropping, say.
    this.#evict();
  }

  async #bring(spec: StepSpec, slots: Slots): Promise<JobOutcome> {
    const missing = await this.#fetchInputs(spec, slots);
    if (missing !== undefined) return missing;
    const decided = this.#decide(spec);
    if (!decided.ok) return this.#fail(spec, decided.error, []);
    const decision = decided.value;
    if (decision.status === "cached") return this.#hit(spec, decision.record);
    if (!this.#options.selected(spec.id)) return this.#skip(spec, { code: "not-selected" });
    const { readOnly, root } = this.#session.layout;
    if (readOnly)
      return this.#fail(spec, { reason: "store-read-only", store: dirname(root), step: spec.id }, decision.why);
    const outcome = await this.#alone(spec, decision, slots, (lock) => this.#bringLocked(spec, lock, slots));
    this.#evict();
    return outcome;
  }

  /** Another run may have made it since this one looked. */
  async #bringLocked(spec: StepSpec, lock: Lock, slots: Slots): Promise<JobOutcome> {
    const decided = this.#decide(spec);
    if (!decided.ok) return this.#fail(spec, decided.error, []);
    const decision = decided.value;
    if (decision.status === "cached") return this.#hit(spec, decision.record);
    return this.#work(spec, decision, { why: decision.why, lock, slots });
  }

  /** While this run is at a step, no other one is. */
  async #alone(
    spec: StepSpec,
    { key }: Decision,
    slots: Slots,
    work: (lock: Lock) => Promise<JobOutcome>,
  ): Promise<JobOutcome> {
    let lock: Lock | undefined;
    try {
      lock = await lockStep(this.#session, { step: spec.id, key, slots, stop: this.#stop.signal });
    } catch (error) {
      return this.#fail(spec, fileFailure(error, this.#session.layout.locks, "lock a step in"), []);
    }
    if (lock === undefined) return this.#skip(spec, { code: "stopped" });
    try {
      return await work(lock);
    } finally {
      lock.release();
    }
  }

  /** Runs what waits for a reader; gives the outcome of this step when one of them did not succeed. */
  async #fetchInputs(spec: StepSpec, slots: Slots): Promise<JobOutcome | undefined> {
    for (const ref of Object.values(spec.inputs)) {
      const producer = ref.from === "step" && ref.optional !== true ? this.#spec(ref.step) : undefined;
      if (producer?.lazy !== true) continue;
      const fetching = this.#fetching.get(producer.id) ?? this.#bring(producer, slots);
      this.#fetching.set(producer.id, fetching);
      if ((await fetching) !== "succeeded") return this.#blocked(spec, producer.id, await fetching);
    }
    return undefined;
  }

  /** The scheduler knows nothing of a step that was fetched: its failure must stop the run all the same. */
  #blocked(spec: StepSpec, blocker: StepId, outcome: JobOutcome): JobOutcome {
    this.#skip(spec, { code: "upstream-failed", field: blocker });
    return outcome === "failed" ? "failed" : "skipped";
  }

  #spec(id: StepId): StepSpec {
    const spec = this.#plan.steps.find((step) => step.id === id);
    if (spec === undefined) throw new Error(`Internal error: no step ${id}`);
    return spec;
  }

  #spare(spec: StepSpec, reason: Reason): JobOutcome {
    this.#unneeded.add(spec.id);
    this.#skip(spec, reason);
    this.#evict();
    return "unneeded";
  }

  skip(spec: StepSpec, blocker: string | undefined): void {
    this.#skip(spec, blocker === undefined ? { code: "stopped" } : { code: "upstream-failed", field: blocker });
  }

  /** Hashing the inputs may meet a file that is gone or unreadable: the user's files, so a failure and no bug. */
  #decide(spec: StepSpec): Result<Decision<ActionRecord>> {
    try {
      const decision = decide(spec, (id) => this.records.get(id), this.#snapshot);
      const { layout, journal } = this.#session;
      if (decision.status === "run" || claim(layout, journal, decision.record)) return ok(decision);
      // A collection was faster: what it took is a miss.
      return ok(decide(spec, (id) => this.records.get(id), this.#snapshot));
    } catch (error) {
      const path = error instanceof Error && "path" in error ? String(error.path) : `an input of ${spec.id}`;
      return err(fileFailure(error, path, "read"));
    }
  }

  #hit(spec: StepSpec, record: ActionRecord): JobOutcome {
    const refused = this.#options.verify(spec.id, record);
    if (refused !== undefined) return this.#fail(spec, refused, []);
    this.records.set(spec.id, record);
    this.#announce(spec, record);
    noteLatest(this.#session.layout, this.#session.pipeline, record);
    this.#settle(spec.id, "cached", []);
    this.#session.emit({ type: "step", step: spec.id, status: "cached" });
    return "succeeded";
  }

  /** What is gone already needs no protection; whoever makes it again says so. */
  #announce(spec: StepSpec, record: ActionRecord): void {
    const { layout } = this.#session;
    if (layout.readOnly) return;
    for (const output of ephemeralOutputs(spec)) {
      const object = record.outputs[output];
      if (object !== undefined && existsSync(layout.object(object.digest))) this.#options.uses.announce(record.key);
    }
  }

  #announceOf(producer: StepId): void {
    const key = this.records.get(producer)?.key;
    if (key !== undefined) this.#options.uses.announce(key);
  }

  async #work(spec: StepSpec, decision: Decision, { why, lock, slots }: Turn): Promise<JobOutcome> {
    const blocked = await this.#remakeInputs(spec, slots);
    if (blocked !== undefined) return blocked;
    const inputs = this.inputs.of(spec);
    const disk = this.#admit(spec, inputs);
    if (!disk.ok) return this.#fail(spec, disk.error, why);
    if (ephemeralOutputs(spec).length > 0) this.#options.uses.announce(decision.key);
    this.#session.emit({ type: "step", step: spec.id, status: "started", why });
    const result = await execute(this.#session, {
      spec,
      implementation: await stepTable[spec.kind].open(),
      key: decision.key,
      document: decision.document,
      inputs,
      disk: disk.value,
      // Whoever forces a step wants what it makes now.
      expected: this.#options.forced(spec.id) ? undefined : this.#snapshot.record(decision.key),
      threads: this.#options.threads(spec),
      lock,
    });
    disk.value.settle();
    return result.ok ? this.#done(spec, result.value, why) : this.#fail(spec, result.error, why);
  }

  /** Before it begins: hours of work must not end on a full disk that could be seen from here. */
  #admit(spec: StepSpec, inputs: ReadonlyMap<string, InputFile>): Result<Admission> {
    const { layout, run } = this.#session;
    const sizeOf = (role: string): number | undefined => inputs.get(role)?.size;
    const bytes = stepTable[spec.kind].writes?.({ spec, sizeOf, ladder: this.inputs.ladder() });
    if (bytes === undefined) return ok(unasked);
    const { results } = this.#options;
    const copied = spec.kind === "quantize" && results !== undefined ? { results } : {};
    return this.#disk.admit({
      step: spec.id,
      bytes,
      scratch: layout.scratch(run, spec.id),
      store: layout.root,
      ...copied,
    });
  }

  #done(spec: StepSpec, record: ActionRecord, why: readonly Reason[]): JobOutcome {
    const refused = this.#options.verify(spec.id, record);
    if (refused !== undefined) return this.#fail(spec, refused, why);
    this.records.set(spec.id, record);
    this.#settle(spec.id, "done", why, record);
    this.#session.emit({ type: "step", step: spec.id, status: "done", seconds: record.seconds });
    return "succeeded";
  }

  #fail(spec: StepSpec, cause: Failure, why: readonly Reason[]): JobOutcome {
    const failure = withRoom(cause);
    this.failures.push(failure);
    if (!this.#options.keepGoing) this.#stop.abort();
    this.#settle(spec.id, "failed", why);
    this.#session.emit({ type: "step", step: spec.id, status: "failed", failure });
    return "failed";
  }

  #skip(spec: StepSpec, reason: Reason): JobOutcome {
    this.#settle(spec.id, "skipped", [reason]);
    this.#session.emit({ type: "step", step: spec.id, status: "skipped", why: [reason] });
    return "skipped";
  }

  #settle(step: StepId, status: RunStep["status"], why: readonly Reason[], record?: ActionRecord): void {
    const seconds = record?.seconds ?? 0;
    const now = (performance.now() - this.#began) / 1000;
    const began = Math.max(0, Math.round((now - seconds) * 1000) / 1000);
    this.steps.set(step, { step, status, why, began, seconds, repeats: record?.repeats ?? 0 });
  }

  /** Makes dropped outputs again that this step reads; gives the outcome of this step when that did not succeed. */
  async #remakeInputs(spec: StepSpec, slots: Slots): Promise<JobOutcome | undefined> {
    for (const ref of Object.values(spec.inputs)) {
      if (ref.from !== "step") continue;
      const object = this.records.get(ref.step)?.outputs[ref.output];
      if (object === undefined && ref.optional === true) continue;
      if (this.inputs.isEphemeral(ref.step, ref.output)) this.#announceOf(ref.step);
      if (object !== undefined && this.#has(ref.step, ref.output, object)) continue;
      const outcome = await this.#remake(ref.step, ref.output, slots);
      if (outcome !== "succeeded") return this.#blocked(spec, ref.step, outcome);
    }
    return undefined;
  }

  /** What is dropped and made again is checked when it is made; its ctime changes with every link to it. */
  #has(step: StepId, output: string, object: StoredObject): boolean {
    return this.inputs.isEphemeral(step, output)
      ? existsSync(this.#session.layout.object(object.digest))
      : this.#snapshot.intact(object);
  }

  #remake(step: StepId, field: string, slots: Slots): Promise<JobOutcome> {
    const running = this.#remaking.get(step) ?? this.#makeAgain(step, field, slots);
    this.#remaking.set(step, running);
    // Another run may drop it once more.
    return running.finally(() => this.#remaking.delete(step));
  }

  async #makeAgain(step: StepId, field: string, slots: Slots): Promise<JobOutcome> {
    const spec = this.#spec(step);
    const decided = this.#decide(spec);
    if (!decided.ok) return this.#fail(spec, decided.error, []);
    return this.#alone(spec, decided.value, slots, async (lock) => {
      const object = this.records.get(step)?.outputs[field];
      if (object !== undefined && this.#has(step, field, object)) return "succeeded";
      return this.#work(spec, decided.value, { why: [{ code: "needed-again", field }], lock, slots });
    });
  }

  /** Drops outputs that are not kept as soon as every consumer has what it needs. */
  #evict(): void {
    for (const spec of this.#plan.steps) {
      for (const [output, { ephemeral }] of Object.entries(spec.outputs)) {
        const object = this.records.get(spec.id)?.outputs[output];
        if (ephemeral !== true || object === undefined) continue;
        const consumers = this.#plan.steps.filter((step) => reads(step, spec.id, output));
        if (consumers.every(({ id }) => this.records.has(id) || this.#unneeded.has(id)) && !this.#isKept(object))
          this.#drop(spec.id, object);
      }
    }
  }

  /** A step that adds nothing gives what it read, and that may be an output to keep. */
  #isKept({ digest }: StoredObject): boolean {
    return [...this.records.values()].some(({ outputs }) =>
      Object.values(outputs).some((output) => output.digest === digest && output.ephemeral !== true),
    );
  }

  /** The last run that needs it drops it. */
  #drop(producer: StepId, object: StoredObject): void {
    const { layout } = this.#session;
    const key = this.records.get(producer)?.key;
    if (key === undefined || !existsSync(layout.object(object.digest))) return;
    this.#options.uses.end(key);
    if (!this.#options.uses.hasUser(key)) evictObject(layout, object);
  }
}

/** What a step that runs has got: why it runs, its lock, and the slots it runs in. */
interface Turn {
  readonly why: readonly Reason[];
  readonly lock: Lock;
  readonly slots: Slots;
}

const ephemeralOutputs = (spec: StepSpec): string[] =>
  Object.entries(spec.outputs).flatMap(([output, { ephemeral }]) => (ephemeral === true ? [output] : []));

const reads = (step: StepSpec, producer: StepId, output: string): boolean =>
  Object.values(step.inputs).some((ref) => ref.from === "step" && ref.step === producer && ref.output === output);
