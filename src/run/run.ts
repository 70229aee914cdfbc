import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { randomBytes } from "node:crypto";
import type { Emit, Notice } from "../base/event.ts";
import { fileFailure, interruption, type Failure, type Stopped } from "../base/failure.ts";
import { runId, stepId, type RunId, type StepId } from "../base/ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Toolchain } from "../base/tool.ts";
import { toolEnvironment } from "../llama/env.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { dependencies } from "../plan/forecast.ts";
import { settledBefore } from "../plan/order.ts";
import { decisionParams } from "../plan/decision-steps.ts";
import { makePlan, shardsOf } from "../plan/plan.ts";
import type { Plan, StepSpec } from "../plan/step.ts";
import { layBallast } from "../store/ballast.ts";
import { keepAlive, openJournal } from "../store/journal.ts";
import { noteFinished, type KeptRun } from "../store/kept.ts";
import { openLayout, type Layout } from "../store/layout.ts";
import { sweepLocks } from "../store/lock-sweep.ts";
import { makeWay } from "../store/objects.ts";
import { identify } from "../store/owner.ts";
import { crashPoint } from "../store/points.ts";
import type { ActionRecord } from "../store/records.ts";
import { openStoreMemo } from "../store/store-memo.ts";
import { openBookkeeping } from "./bookkeeping.ts";
import { tellDeadline, type Deadline } from "./deadline.ts";
import { damagedLedger, rememberDecision } from "./decision.ts";
import { withRoom } from "./full-disk.ts";
import { loadJudge } from "./needless.ts";
import { openMachine, unboundedMachine, type Machine } from "./machine.ts";
import { recover } from "./recover.ts";
import { Pinning, type PinningOptions } from "./pinning.ts";
import { readInputs } from "./read-inputs.ts";
import type { RunStep } from "./record.ts";
import { schedule, type Job } from "./scheduler.ts";
import type { Session } from "./session.ts";
import { shareOf, type Share } from "./share.ts";
import { StepRunner, type Verify } from "./step-runner.ts";
import { stepTable } from "./steps/table.ts";
import { Uses } from "./uses.ts";

export interface RunOptions {
  readonly storeDirectory: string;
  /** Only use what is in the store, and write nothing to it. */
  readonly storeReadOnly?: boolean;
  /** Read each input once, whatever the memo says of it. */
  readonly alwaysHash?: boolean;
  readonly toolchain: Toolchain;
  /** Tools at once. */
  readonly jobs: number;
  /** Threads over all tools; default: what the machine has. */
  readonly threads?: number;
  /** Folder in which all runs of this user keep the budgets of the machine; undefined takes no other run into account. */
  readonly machine?: string;
  readonly keepGoing: boolean;
  /** Folder of the results, if there will be any. */
  readonly results?: string;
  /** Without it the run has nothing to do with its lock file. */
  readonly pinning?: PinningOptions;
  /** Whether a step is selected; steps that are not must be cached already. */
  readonly selected: (step: StepId) => boolean;
  readonly forced: (step: StepId) => boolean;
  readonly emit: Emit;
  readonly cancel: AbortSignal;
  /** Whose time is over when it aborts; without it there is none. */
  readonly deadline?: Deadline;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How a run ended. */
export interface RunOutcome {
  readonly session: Session;
  readonly plan: Plan;
  readonly records: ReadonlyMap<StepId, ActionRecord>;
  readonly failures: readonly Failure[];
  readonly steps: readonly RunStep[];
}

/** Brings every step of the pipeline up to date. Ends with the failures of the steps, not at the first one. */
export const runPlan = async (pipeline: Pipeline, options: RunOptions): Promise<Result<RunOutcome>> => {
  try {
    const ran = await runSteps(pipeline, options);
    return ran.ok ? ran : err(withRoom(ran.error));
  } catch (error) {
    // Steps keep their own failures; what comes here is the journal or the folders of the run itself.
    return err(withRoom(fileFailure(error, options.storeDirectory, "write the store in")));
  }
};

const runSteps = async (pipeline: Pipeline, options: RunOptions): Promise<Result<RunOutcome>> => {
  const layout = openLayout(options.storeDirectory, options.storeReadOnly);
  if (!layout.ok) return layout;
  const { readOnly } = layout.value;
  clearUp(layout.value, options);
  const session = openSession(pipeline, layout.value, options);
  using _alive = keepAlive(session.journal);
  const plan = makePlan(pipeline);
  options.emit({
    type: "run-started",
    run: session.run,
    pipeline: pipeline.name,
    store: options.storeDirectory,
    steps: plan.steps.map(({ id, title }) => ({ id, title })),
  });
  await readInputs(plan, session);
  const judge = await loadJudge(decisionParams(pipeline, shardsOf(pipeline)), plan);
  const books = openBookkeeping(pipeline, layout.value, options.toolchain, judge);
  if (books.damaged.length > 0) options.emit(damagedLedger(pipeline, books.damaged));
  const cores = options.threads ?? availableParallelism();
  const share = ({ kind }: StepSpec): Share => shareOf(stepTable[kind].load, options.toolchain, options.jobs, cores);
  const uses = new Uses(layout.value, session.run);
  const pinning =
    options.pinning === undefined ? undefined : new Pinning(pipeline, options.toolchain, options.pinning, options.emit);
  const verify: Verify = (step, record) => pinning?.verify(step, record);
  const threads = (spec: StepSpec): number => share(spec).threads;
  const runner = new StepRunner(session, plan, books, { ...options, threads, uses, verify });
  const refused = options.cancel.aborted ? undefined : pinning?.begin((path) => runner.digestOf(path));
  if (refused !== undefined) {
    close(session);
    return err(refused);
  }
  await carryOut(pipeline, plan, { runner, uses, share }, options);
  runner.finish();
  const noted = rememberDecision(pipeline, layout.value, runner);
  if (noted !== undefined) options.emit(noted);
  const unpinned = pinning?.end(runner.records);
  const { records, steps } = runner;
  if (!readOnly && records.has(stepId("report"))) noteFinished(layout.value, keptRun(session, records));
  close(session);
  const failures = [...runner.failures, ...unreported(runner, options), ...(unpinned === undefined ? [] : [unpinned])];
  return ok({
    session,
    plan,
    records,
    failures: tellDeadline(failures, records.size, plan),
    steps: [...steps.values()],
  });
};

/** What runs left that were killed. */
const clearUp = (layout: Layout, { emit, storeDirectory }: RunOptions): void => {
  if (layout.readOnly) return emit(readOnlyNotice(storeDirectory));
  for (const run of recover(layout))
    emit({ type: "notice", level: "info", message: `cleaned up after ${run}, which had been killed` });
  sweepLocks(layout.locks);
};

interface Crew {
  readonly runner: StepRunner;
  readonly uses: Uses;
  readonly share: (spec: StepSpec) => Share;
}

/** Every step in its turn. */
const carryOut = async (
  pipeline: Pipeline,
  plan: Plan,
  { runner, uses, share }: Crew,
  options: RunOptions,
): Promise<void> => {
  const shards = shardsOf(pipeline);
  const ladder = (): string[] | undefined => runner.inputs.ladder()?.rungs.map(({ type }) => type);
  await schedule({
    jobs: plan.steps.map((spec) => toJob(spec, share(spec))),
    slots: options.jobs,
    keepGoing: options.keepGoing,
    cancel: options.cancel,
    closing: () => options.deadline?.isNear() === true,
    settledBefore: ({ spec }) => settledBefore(pipeline, shards, spec, ladder()),
    run: (job, slots) => runner.run(job.spec, slots),
    skip: (job, blocker) => runner.skip(job.spec, blocker),
  }).finally(() => uses.endAll());
};

/** What a run that finds everything done will look for. */
const keptRun = ({ pipeline, run }: Session, records: ReadonlyMap<StepId, ActionRecord>): KeptRun => ({
  pipeline,
  run,
  keys: Object.fromEntries([...records].map(([step, { key }]) => [step, key])),
});

const close = ({ layout, run, journal }: Session): void => {
  if (!layout.readOnly) rmSync(layout.runScratch(run), { recursive: true, force: true });
  journal({ type: "ended" });
  if (!layout.readOnly) layBallast(layout.ballast);
  crashPoint("run-ended", run);
};

const readOnlyNotice = (store: string): Notice => ({
  type: "notice",
  level: "info",
  message: `the store ${store} may only be read: what is not in it cannot be made`,
});

/** An end from outside that met no running step has made none fail; it must not look like a run that came to its end. */
const unreported = ({ records, failures }: StepRunner, { cancel, deadline }: RunOptions): Stopped[] => {
  const told = failures.some(({ reason }) => reason === "interrupted" || reason === "deadline");
  if (told || records.has(stepId("report"))) return [];
  if (cancel.aborted) return [interruption(cancel)];
  return deadline?.turnedAway() === true ? [deadline.failure] : [];
};

const toJob = (spec: StepSpec, { slots }: Share): Job & { spec: StepSpec } => ({
  id: spec.id,
  needs: [...new Set([...dependencies(spec), ...spec.after])],
  weight: slots,
  spec,
});

const definedOnly = (environment: RunOptions["environment"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

const machineOf = ({ machine, emit }: RunOptions, run: RunId): Machine => {
  if (machine === undefined) return unboundedMachine;
  return openMachine(machine, run, (why) => {
    const message = `${machine} cannot be used (${why}): what other runs take of this machine is not taken into account`;
    emit({ type: "notice", level: "warning", message });
  });
};

const openSession = (pipeline: Pipeline, layout: Layout, options: RunOptions): Session => {
  const run = runId(`${new Date().toISOString().replace(/[:.]/g, "-")}-${randomBytes(3).toString("hex")}`);
  if (!layout.readOnly) layBallast(layout.ballast);
  const journal = layout.readOnly ? () => undefined : openJournal(layout, run);
  journal({ type: "run", owner: identify(process.pid), pipeline: pipeline.name });
  if (!layout.readOnly) makeWay(layout, layout.memo);
  return {
    run,
    pipeline: pipeline.name,
    layout,
    memo: openStoreMemo(layout, options.alwaysHash === true),
    journal,
    toolchain: options.toolchain,
    machine: machineOf(options, run),
    emit: options.emit,
    cancel: options.cancel,
    stall: pipeline.timeouts.stall,
    toolEnvironment: toolEnvironment(options.environment, layout.emptyFolder),
    userEnvironment: definedOnly(options.environment),
  };
};
