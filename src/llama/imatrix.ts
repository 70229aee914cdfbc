import { evalArgv, type EvalFlags, passPattern, readEvalLine } from "./common.ts";
import { lineReader } from "./lines.ts";
import type { OnText } from "./log.ts";
import { complete, type Outcome } from "./outcome.ts";

export interface ImatrixRequest extends EvalFlags {
  /** Names relative to the working directory: an absolute path would be written into the output. */
  readonly model: string;
  readonly text: string;
  readonly output: string;
  /** Windows to go through, from `from` on. */
  readonly chunks: number;
  /** Windows to leave out at the start of the text; at least three must follow (llama-cpp.md 1.2). Default 0. */
  readonly from?: number;
  /** A matrix that is gone on from: what is collected is added to its sums. */
  readonly previous?: string;
}

/**
 * No snapshot midway: they are taken inside a graph, so they are not consistent, and each rewrites the output in place.
 * 0 would divide by zero.
 */
const never = "2147483647";

/**
 * argv of a run that collects an importance matrix. Perplexity is computed along the way, for its lines are the only
 * progress there is; it costs 1 % (24 windows of the demo: 1.62 s against 1.61 s, and the same bytes).
 */
export const imatrixArgv = (request: ImatrixRequest): string[] =>
  [
    ["-m", request.model],
    ["-f", request.text],
    ["-o", request.output],
    ["--output-format", "gguf"],
    request.previous === undefined ? [] : ["--in-file", request.previous],
    evalArgv(request),
    ["--chunk", String(request.from ?? 0)],
    ["--chunks", String(request.chunks)],
    ["-ofreq", never],
    ["--save-frequency", "0"],
    ["--ppl"],
  ].flat();

/** What a run of llama-imatrix has said so far. */
export interface ImatrixRun {
  /** Windows it will go through; undefined until it says so. */
  readonly planned?: number;
  readonly done: number;
  readonly secondsPerPass?: number;
  /** Running perplexity over the windows done. */
  readonly perplexity?: number;
  readonly errors: readonly string[];
}

const chunkPattern = /^\[(\d+)\](-?(?:nan|inf|[\d.]+)),/;

export interface ImatrixParser {
  readonly push: OnText;
  /** Can be asked at any time. */
  readonly run: () => ImatrixRun;
}

export const imatrixParser = (): ImatrixParser => {
  let run: ImatrixRun = { done: 0, errors: [] };
  const onLine = (line: string): void => {
    run = readImatrixLine(run, line);
  };
  const early = [chunkPattern, passPattern];
  const readers = { stdout: lineReader(onLine, early), stderr: lineReader(onLine, early) };
  return { push: (text, stream) => readers[stream].push(text), run: () => run };
};

const readImatrixLine = (run: ImatrixRun, line: string): ImatrixRun => {
  const chunk = chunkPattern.exec(line);
  if (chunk !== null) return { ...run, done: Number(chunk[1]), perplexity: Number(chunk[2]) };
  const { plan, secondsPerPass, error } = readEvalLine(line);
  if (plan !== undefined) return { ...run, planned: plan.chunks };
  if (secondsPerPass !== undefined) return { ...run, secondsPerPass };
  return error === undefined ? run : { ...run, errors: [...run.errors, error] };
};

/**
 * Judges the output of a run that exited 0 and was to go through `chunks` windows. Lines can be lost,
 * so silence counts for nothing here: `checkImatrix` of the file has the last word. An error line counts, for the
 * tool exits 0 when it could not write its file.
 */
export const imatrixOutcome = (run: ImatrixRun, chunks: number): Outcome => {
  const error = run.errors[0];
  if (error !== undefined) return { status: "refused", message: error };
  if (run.planned === undefined || run.planned === chunks) return complete;
  return { status: "refused", message: `the text has ${run.planned} windows, not ${chunks}` };
};
