import { cpus, hostname } from "node:os";
import { dirname, relative, resolve } from "node:path";
import type { ResultEvent } from "../base/event.ts";
import type { Failure } from "../base/failure.ts";
import { stepId } from "../base/ids.ts";
import { ok, type Result } from "../base/result.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { formatTimeline } from "../report/html/timeline.ts";
import type { Drawing, RunRecord } from "../run/record.ts";
import { placeResults, placeRunRecord } from "../run/results.ts";
import type { RunOutcome } from "../run/run.ts";
import type { Answer } from "../select/answer.ts";
import { prepareDrawing } from "./drawing.ts";
import { exitCodeOf, exitCodes } from "./exit-code.ts";
import { writeRendered } from "./rendered.ts";
import { tidyStore } from "./tidy.ts";
import { version } from "./version.ts";

/** A run with its results in place. */
export interface Completed {
  /** Name of the pipeline. */
  readonly pipeline: string;
  /** Absent when a failure, an interruption or `--only` kept the run from its end. */
  readonly answer?: Answer;
  readonly failures: readonly Failure[];
  readonly exitCode: number;
  readonly record: RunRecord;
  /** Absolute path of the results' folder. */
  readonly folder: string;
}

/** Absolute path of the folder of a pipeline's results. */
export const resultsFolder = (out: string, { name }: Pipeline): string => resolve(out, name);

export interface CompleteOptions {
  readonly out: string;
  readonly startedAt: Date;
  /** Bytes above which the store is collected; default: a part of its file system. */
  readonly cacheMax: number | undefined;
}

/** Writes the results of a run that came to its end, collects the store, and says how the run ended. */
export const complete = async (
  pipeline: Pipeline,
  outcome: RunOutcome,
  { out, startedAt, cacheMax }: CompleteOptions,
): Promise<Completed> => {
  const folder = resultsFolder(out, pipeline);
  const placed = await place(pipeline, outcome, folder);
  const { answer, links, drawing } = placed.ok ? placed.value : nothingPlaced;
  const interrupted = outcome.failures.some(({ reason }) => reason === "interrupted");
  // Only now: what the results are linked from is needed until then.
  const storeSummary = tidyStore(outcome.session, cacheMax, interrupted);
  const described = describeRun(pipeline, outcome, { startedAt, links, storeSummary });
  const record = drawing === undefined ? described : { ...described, drawing };
  const noted = placeRunRecord(folder, record, formatTimeline(record));
  const failures = [...outcome.failures, ...[placed, noted].flatMap((done) => (done.ok ? [] : [done.error]))];
  const end = { pipeline: pipeline.name, failures, exitCode: exitCodeFor(failures, answer), record, folder };
  return answer === undefined ? end : { ...end, answer };
};

interface PlacedIfAny {
  readonly answer?: Answer;
  readonly links: RunRecord["links"];
  readonly drawing?: Drawing;
}

const nothingPlaced: PlacedIfAny = { links: {} };

/** The results of an earlier run stay where this one has none. */
const place = async (pipeline: Pipeline, outcome: RunOutcome, folder: string): Promise<Result<PlacedIfAny>> => {
  const report = outcome.records.get(stepId("report"))?.outputs["report"]?.digest;
  if (report === undefined) return ok(nothingPlaced);
  const model = relative(folder, pipeline.model);
  const draw = await prepareDrawing(folder, report);
  let drawing: Drawing | undefined;
  const placed = placeResults(outcome, folder, (results) => {
    drawing = draw(results);
    writeRendered(results, model);
  });
  return placed.ok && drawing !== undefined ? ok({ ...placed.value, drawing }) : placed;
};

/** An interrupted run says so, whatever else failed on the way; `--only` without the report is no refusal. */
const exitCodeFor = (failures: readonly Failure[], answer: Answer | undefined): number => {
  const first = failures.find(({ reason }) => reason === "interrupted") ?? failures[0];
  if (first !== undefined) return exitCodeOf(first);
  return answer?.choice === null ? exitCodes.nothingCertified : exitCodes.certified;
};

/** The last event of a run. */
export const resultEvent = ({ exitCode, answer, failures, record, folder }: Completed): ResultEvent => ({
  type: "result",
  ok: exitCode === exitCodes.certified,
  exitCode,
  ...(answer === undefined ? {} : { choice: answer.choice, directory: folder }),
  ...(answer?.decision.ledger.exploratory === true ? { exploratory: true } : {}),
  ...(failures.length === 0 ? {} : { failures }),
  executed: record.executed,
  cached: record.cached,
  ...(record.storeBytes === null ? {} : { storeBytes: record.storeBytes }),
});

const describeRun = (
  { file }: Pipeline,
  { session, steps }: RunOutcome,
  { startedAt, links, storeSummary }: Pick<RunRecord, "links" | "storeSummary"> & { readonly startedAt: Date },
): RunRecord => ({
  schemaVersion: 1,
  run: session.run,
  startedAt: startedAt.toISOString(),
  seconds: (Date.now() - startedAt.getTime()) / 1000,
  host: {
    name: hostname(),
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
  },
  node: process.version,
  version,
  argv: process.argv.slice(2),
  toolchain: { directory: session.toolchain.directory, version: session.toolchain.version },
  store: dirname(session.layout.root),
  hashedBytes: session.memo.hashedBytes(),
  executed: steps.filter(({ status }) => status === "done").length,
  cached: steps.filter(({ status }) => status === "cached").length,
  repeats: steps.reduce((sum, { repeats }) => sum + repeats, 0),
  steps,
  pipelineFile: resolve(file),
  links,
  storeBytes: storeSummary?.bytes ?? null,
  storeSummary,
});
