/**
 * The typed API: what `pipeline check`, `plan` and `run` do, for other programs.
 *
 * ```ts
 * import { findTools, loadPipeline, runPipeline } from "gguf-pipeline";
 *
 * const pipeline = await loadPipeline("medical.yaml");
 * if (!pipeline.ok) throw new Error(pipeline.error.reason);
 * const tools = await findTools(pipeline.value);
 * if (!tools.ok) throw new Error(tools.error.reason);
 * const result = await runPipeline(pipeline.value, tools.value, { out: "out" });
 * if (result.ok) console.log(result.value.answer?.choice);
 * ```
 */
import type { Readable } from "node:stream";
import type { Event } from "./base/event.ts";
import { err, ok, type Result } from "./base/result.ts";
import type { Toolchain } from "./base/tool.ts";
import { complete, resultsFolder, type Completed } from "./cli/complete.ts";
import { ensureToolchain } from "./cli/find-tools.ts";
import { look } from "./cli/plan.ts";
import { pipelineMemory } from "./cli/pipeline-memory.ts";
import { alwaysHashes, environment, machineDirectory, storeDirectory } from "./cli/settings.ts";
import { version } from "./cli/version.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import type { Forecast } from "./plan/forecast.ts";
import { makeDiskReader } from "./run/disk-reader.ts";
import { loadAgain } from "./run/load-again.ts";
import { readsStdin, takePiped } from "./run/piped.ts";
import { prepareFolder } from "./run/results.ts";
import { runPlan } from "./run/run.ts";

export type { Completed } from "./cli/complete.ts";
export type { Diagnostic } from "./base/diagnostic.ts";
export type { Event } from "./base/event.ts";
export type { Failure } from "./base/failure.ts";
export type { Result } from "./base/result.ts";
export type { Toolchain } from "./base/tool.ts";
export type { Pipeline } from "./pipeline/pipeline.ts";
export type { Forecast } from "./plan/forecast.ts";
export type { RunRecord } from "./run/record.ts";
export type { Answer, Choice, ReportedCandidate } from "./select/answer.ts";

export interface LoadOptions {
  /** What a source with `stdin` reads; it is kept in the store. */
  readonly stdin?: Readable;
  /**
   * Default: PIPELINE_CACHE, else the user's cache directory. Where a store is there, it is remembered in it what came of
   * loading the file, as the commands do.
   */
  readonly cache?: string;
  /** Write nothing to the store. */
  readonly cacheReadOnly?: boolean;
}

/** Loads a pipeline file with every check; the failure holds all its mistakes, located. */
export const loadPipeline = async (file: string, options: LoadOptions = {}): Promise<Result<Pipeline>> => {
  const loaded = await loadAgain(file, makeDiskReader(environment()), pipelineMemory(options));
  if (!loaded.ok || !readsStdin(loaded.value.pipeline)) return loaded.ok ? ok(loaded.value.pipeline) : loaded;
  const { stdin } = options;
  if (stdin !== undefined) return takePiped(loaded.value.pipeline, stdin, storeDirectory(options));
  return err({
    reason: "unusable-argument",
    message: `a source of ${file} reads standard input: give it as \`stdin\``,
  });
};

export interface ToolOptions {
  /** Directory of the tools; default: LLAMA_CPP_DIR, PATH, the managed build. */
  readonly llamaCpp?: string;
  /** Builds llama.cpp when no tools are found. */
  readonly build?: boolean;
  readonly onEvent?: (event: Event) => void;
  readonly signal?: AbortSignal;
}

/** The llama.cpp tools that a pipeline asks for. */
export const findTools = (
  pipeline: Pipeline,
  { build, onEvent, signal, ...options }: ToolOptions = {},
): Promise<Result<Toolchain>> =>
  ensureToolchain(
    // As a program, nobody can be asked.
    { ...options, yes: build === true, json: true },
    pipeline.llamaCpp,
    onEvent ?? (() => undefined),
    signal ?? new AbortController().signal,
  );

/** What a run would do now, step by step, and why. Touches nothing but the memo of file digests. */
export const planPipeline = (
  pipeline: Pipeline,
  tools: Toolchain,
  options: { readonly cache?: string } = {},
): Result<Forecast[]> => look(pipeline, tools, options);

export interface RunPipelineOptions {
  /** Results go to `<out>/<name>/`. */
  readonly out: string;
  /** Default: PIPELINE_CACHE, else the user's cache directory. */
  readonly cache?: string;
  /** Only use what is in the store. */
  readonly cacheReadOnly?: boolean;
  /** Read every input once; default: PIPELINE_ALWAYS_HASH. */
  readonly alwaysHash?: boolean;
  /** What is done with `<name>.lock`; default `keep`: it is written where there is none. */
  readonly lock?: "keep" | "update" | "frozen";
  /** Bytes above which least recently used actions are collected at the end; default: a third of the file system. */
  readonly cacheMax?: number;
  readonly keepGoing?: boolean;
  /** Tools at a time, default 1. */
  readonly jobs?: number;
  /** Threads over all tools, default all cores. */
  readonly threads?: number;
  /** False: what other runs of this user take of the machine is not taken into account. */
  readonly machineLock?: boolean;
  readonly onEvent?: (event: Event) => void;
  /** Abort with the reason `"SIGINT"` or `"SIGTERM"` to end the run; what is finished is kept. */
  readonly signal?: AbortSignal;
}

/** Runs a pipeline and writes its results. Failed steps are in the result; an error means that it could not start. */
export const runPipeline = async (
  pipeline: Pipeline,
  tools: Toolchain,
  options: RunPipelineOptions,
): Promise<Result<Completed>> => {
  const prepared = prepareFolder(resultsFolder(options.out, pipeline));
  if (!prepared.ok) return prepared;
  const startedAt = new Date();
  const machine = machineDirectory(options);
  const ran = await runPlan(pipeline, {
    storeDirectory: storeDirectory(options),
    storeReadOnly: options.cacheReadOnly === true,
    alwaysHash: alwaysHashes(options),
    pinning: { mode: options.lock ?? "keep", program: version },
    toolchain: tools,
    jobs: options.jobs ?? 1,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(machine === undefined ? {} : { machine }),
    keepGoing: options.keepGoing === true,
    results: resultsFolder(options.out, pipeline),
    selected: () => true,
    forced: () => false,
    emit: options.onEvent ?? (() => undefined),
    cancel: options.signal ?? new AbortController().signal,
    environment: environment(),
  });
  if (!ran.ok) return ran;
  return ok(await complete(pipeline, ran.value, { out: options.out, startedAt, cacheMax: options.cacheMax }));
};
