import { parse, relative } from "node:path";
import type { Notice } from "../base/event.ts";
import { interruption } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { makePlan } from "../plan/plan.ts";
import type { EndedRun } from "../report/ended.ts";
import { formatFailure } from "../report/failure.ts";
import { storeSentence } from "../report/store-sentence.ts";
import { formatAnswer } from "../report/terminal.ts";
import { makeView } from "../report/view.ts";
import { startDeadline } from "../run/deadline.ts";
import { prepareFolder } from "../run/results.ts";
import { runPlan, type RunOptions } from "../run/run.ts";
import { complete, resultEvent, resultsFolder, type Completed } from "./complete.ts";
import { fail, stderr, stdout, viewKind } from "./console.ts";
import { giveOutputs, summarizeEnded, tellEnded } from "./github.ts";
import { loadAhead } from "./drawing.ts";
import { ensureToolchain } from "./find-tools.ts";
import { loadWithStdin } from "./load.ts";
import { matcher, unmatched } from "./matcher.ts";
import { alwaysHashes, machineDirectory, networkEnvironment, storeDirectory, type SharedOptions } from "./settings.ts";
import { cancelOnSignals } from "./signals.ts";
import { cacheMax } from "./tidy.ts";
import { version } from "./version.ts";
import { prepareJUnit, writeJUnit } from "./write-junit.ts";

export interface RunCommandOptions extends SharedOptions {
  readonly out: string;
  readonly yes?: boolean;
  readonly keepGoing?: boolean;
  readonly jobs: number;
  readonly threads?: number;
  readonly only?: string[];
  readonly force?: string[];
  /** seconds */
  readonly deadline?: number;
  readonly frozen?: boolean;
  readonly updateLock?: boolean;
  readonly machineLock?: boolean;
  /** bytes */
  readonly cacheMax?: number;
  /** A file. */
  readonly junit?: string;
}

/** `pipeline run FILE`. */
export const run = async (file: string, options: RunCommandOptions): Promise<number> => {
  const json = options.json === true;
  const completed = await carryOut(file, options);
  // Of a file that cannot be read nothing but its name is known.
  const ended = completed.ok ? endOf(completed.value) : { pipeline: parse(file).name, failures: [completed.error] };
  const tested = await writeJUnit(options.junit, ended);
  if (!completed.ok) {
    summarizeEnded(ended);
    return fail(completed.error, json);
  }
  tellEnded(ended);
  giveOutputs(ended, completed.value.folder);
  if (!json) conclude(completed.value);
  return tested.ok ? completed.value.exitCode : fail(tested.error, json);
};

const endOf = ({ pipeline, answer, failures }: Completed): EndedRun =>
  answer === undefined ? { pipeline, failures } : { pipeline, answer, failures };

/** A failure is one before the run began. */
const carryOut = async (file: string, options: RunCommandOptions): Promise<Result<Completed>> => {
  const json = options.json === true;
  const loaded = await loadWithStdin(file, options, "always");
  if (!loaded.ok) return loaded;
  const named = [...(options.only ?? []), ...(options.force ?? [])];
  const nothing = named.length === 0 ? undefined : unmatched(named, makePlan(loaded.value));
  if (nothing !== undefined) {
    const message = `${nothing} names no step; pipeline plan ${file} lists them`;
    return err({ reason: "unusable-argument", message });
  }
  const junit = prepareJUnit(options.junit);
  if (!junit.ok) return junit;
  const max = cacheMax(options.cacheMax);
  if (!max.ok) return max;
  const disk = await checkLogits(loaded.value, options);
  if (!disk.ok) return disk;
  const controller = new AbortController();
  const cancel = cancelOnSignals(controller);
  const view = await makeView(viewKind(json), stdout());
  cancel.addEventListener("abort", () => view.handle(endingNotice(cancel)));
  const deadline = options.deadline === undefined ? undefined : startDeadline(options.deadline, controller);
  const toolchain = await ensureToolchain(options, loaded.value.llamaCpp, view.handle, cancel);
  if (!toolchain.ok) {
    await view.end();
    return toolchain;
  }
  const prepared = prepareFolder(resultsFolder(options.out, loaded.value));
  if (!prepared.ok) {
    await view.end();
    return prepared;
  }
  const startedAt = new Date();
  const ran = await runPlan(loaded.value, {
    ...runOptions(loaded.value, options),
    toolchain: toolchain.value,
    emit: (event) => {
      loadAhead(event);
      view.handle(event);
    },
    cancel,
    ...(deadline === undefined ? {} : { deadline }),
  });
  if (!ran.ok) {
    await view.end();
    return ran;
  }
  const completed = await complete(loaded.value, ran.value, { out: options.out, startedAt, cacheMax: max.value });
  view.handle(resultEvent(completed));
  await view.end();
  return ok(completed);
};

/** Whether base logits fit into what the pipeline allows them; what reads a model's header for it is loaded only then. */
const checkLogits = async (pipeline: Pipeline, options: RunCommandOptions): Promise<Result<null>> => {
  if (pipeline.validate.logitsDisk === null) return ok(null);
  const { seeModel } = await import("../run/model-outlook.ts");
  const seen = await seeModel(pipeline, networkEnvironment(options));
  if (!seen.ok) return seen;
  const { checkLogitsDisk } = await import("../run/logits-disk.ts");
  return checkLogitsDisk(pipeline, seen.value?.header);
};

type OwnOptions = Omit<RunOptions, "toolchain" | "emit" | "cancel" | "deadline">;

/** What the command line says of a run. */
const runOptions = (pipeline: Pipeline, options: RunCommandOptions): OwnOptions => {
  const machine = machineDirectory(options);
  return {
    storeDirectory: storeDirectory(options),
    storeReadOnly: options.cacheReadOnly === true,
    alwaysHash: alwaysHashes(options),
    jobs: options.jobs,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(machine === undefined ? {} : { machine }),
    keepGoing: options.keepGoing === true,
    results: resultsFolder(options.out, pipeline),
    pinning: {
      mode: options.frozen === true ? "frozen" : options.updateLock === true ? "update" : "keep",
      program: version,
    },
    selected: matcher(options.only, true),
    forced: matcher(options.force, false),
    environment: networkEnvironment(options),
  };
};

const endingNotice = (cancel: AbortSignal): Notice => {
  const stopped = interruption(cancel);
  const [why, again] =
    stopped.reason === "interrupted" ? [stopped.signal, "once more"] : ["the deadline is reached", "Ctrl-C"];
  return { type: "notice", level: "info", message: `${why}: ending the tools that run; ${again} kills them at once` };
};

/** After the live view: what went wrong, or the answer. */
const conclude = ({ failures, answer, record, folder }: Completed): void => {
  const [out, trouble] = [stdout(), stderr()];
  for (const failure of failures) {
    trouble.write(formatFailure(failure, { color: trouble.color, cwd: process.cwd() }));
  }
  if (answer === undefined) {
    for (const sentence of storeSentence(record)) out.write(`${sentence}\n`);
    return;
  }
  const inside = relative(process.cwd(), folder);
  const where = inside.startsWith("..") ? folder : inside;
  out.write(formatAnswer(answer, record, { color: out.color, columns: out.columns, directory: where }));
};
