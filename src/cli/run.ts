import { relative } from "node:path";
import type { Notice } from "../base/event.ts";
import { interruption } from "../base/failure.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { makePlan } from "../plan/plan.ts";
import { formatFailure } from "../report/failure.ts";
import { storeSentence } from "../report/store-sentence.ts";
import { formatAnswer } from "../report/terminal.ts";
import { makeView } from "../report/view.ts";
import { startDeadline } from "../run/deadline.ts";
import { checkLogitsDisk } from "../run/logits-disk.ts";
import { prepareFolder } from "../run/results.ts";
import { runPlan, type RunOptions } from "../run/run.ts";
import { complete, resultEvent, resultsFolder, type Completed } from "./complete.ts";
import { fail, stderr, stdout, viewKind } from "./console.ts";
import { ensureToolchain } from "./find-tools.ts";
import { loadWithStdin } from "./load.ts";
import { matcher, unmatched } from "./matcher.ts";
import { alwaysHashes, environment, machineDirectory, storeDirectory, type SharedOptions } from "./settings.ts";
import { cancelOnSignals } from "./signals.ts";
import { cacheMax } from "./tidy.ts";
import { version } from "./version.ts";

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
}

/** `pipeline run FILE`. */
export const run = async (file: string, options: RunCommandOptions): Promise<number> => {
  const json = options.json === true;
  const loaded = await loadWithStdin(file, options);
  if (!loaded.ok) return fail(loaded.error, json);
  const plan = makePlan(loaded.value);
  const nothing = unmatched([...(options.only ?? []), ...(options.force ?? [])], plan);
  if (nothing !== undefined) {
    const message = `${nothing} names no step; pipeline plan ${file} lists them`;
    return fail({ reason: "unusable-argument", message }, json);
  }
  const max = cacheMax(options.cacheMax);
  if (!max.ok) return fail(max.error, json);
  const disk = checkLogitsDisk(loaded.value);
  if (!disk.ok) return fail(disk.error, json);
  const controller = new AbortController();
  const cancel = cancelOnSignals(controller);
  const view = await makeView(viewKind(json), stdout());
  cancel.addEventListener("abort", () => view.handle(endingNotice(cancel)));
  const deadline = options.deadline === undefined ? undefined : startDeadline(options.deadline, controller);
  const toolchain = await ensureToolchain(options, loaded.value.llamaCpp, view.handle, cancel);
  if (!toolchain.ok) {
    await view.end();
    return fail(toolchain.error, json);
  }
  const prepared = prepareFolder(resultsFolder(options.out, loaded.value));
  if (!prepared.ok) {
    await view.end();
    return fail(prepared.error, json);
  }
  const startedAt = new Date();
  const ran = await runPlan(loaded.value, {
    ...runOptions(loaded.value, options),
    toolchain: toolchain.value,
    emit: view.handle,
    cancel,
    ...(deadline === undefined ? {} : { deadline }),
  });
  if (!ran.ok) {
    await view.end();
    return fail(ran.error, json);
  }
  const completed = await complete(loaded.value, ran.value, { out: options.out, startedAt, cacheMax: max.value });
  view.handle(resultEvent(completed));
  await view.end();
  if (!json) conclude(completed);
  return completed.exitCode;
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
    environment: environment(),
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
