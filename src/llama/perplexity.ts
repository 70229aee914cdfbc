import { scoredTokens } from "../base/scored-tokens.ts";
import { evalArgv, type EvalFlags, cNumber, numberPattern, passPattern, readEvalLine } from "./common.ts";
import { lineReader } from "./lines.ts";
import type { OnText } from "./log.ts";
import { complete, type Outcome } from "./outcome.ts";

export interface CandidateRequest extends EvalFlags {
  /** File names relative to the working directory. */
  readonly model: string;
  /** The file of base logits: written by the baseline, read by the candidates. */
  readonly logits: string;
  /** Type of the key and value cache, such as `f16`; the same for baseline and candidates. */
  readonly cache: string;
}

export interface BaselineRequest extends CandidateRequest {
  /** One LF at its end is dropped by the tool. */
  readonly text: string;
  /** Windows to score: best one more than are wanted, see `perplexityOutcome`. */
  readonly chunks: number;
}

/** argv that writes the base logits of a text and prints the running mean of its negative log-likelihood. */
export const baselineArgv = (request: BaselineRequest): string[] =>
  [
    ["-m", request.model],
    ["-f", request.text],
    ["--kl-divergence-base", request.logits],
    ["--ppl-output-type", "1"],
    ["--chunks", String(request.chunks)],
    sharedArgv(request),
  ].flat();

/** argv that compares a model with base logits; text, context and chunks are those of the file. */
export const candidateArgv = (request: CandidateRequest): string[] =>
  [["-m", request.model], ["--kl-divergence-base", request.logits], ["--kl-divergence"], sharedArgv(request)].flat();

/** `-fa auto` is explicit as well: with a quantized cache the tool must be free to choose it. */
const sharedArgv = (flags: CandidateRequest): string[] =>
  [
    evalArgv(flags),
    ["-ctk", flags.cache],
    ["-ctv", flags.cache],
    ["-fa", "auto"],
    ["--ppl-stride", "0"],
    ["--no-warmup"],
  ].flat();

interface PerplexityRun<Chunk> {
  /** As the tool announced them; undefined until then. */
  readonly planned?: number;
  /** n_ctx, tokens */
  readonly context?: number;
  readonly secondsPerPass?: number;
  /** In order, from the first. */
  readonly chunks: readonly Chunk[];
  /** Perplexity over all chunks so far, four digits behind the point. */
  readonly perplexity?: number;
  /** 99th percentile of the KL divergence of a token, nats; of a candidate, and only if the statistics were printed. */
  readonly p99Kld?: number;
  /** The closing estimate or statistics were printed. Nothing needs them, and they can be lost. */
  readonly summary: boolean;
  readonly errors: readonly string[];
}

export interface BaselineChunk {
  /** Mean negative log-likelihood of the scored tokens, nats. */
  readonly nll: number;
}
export type BaselineRun = PerplexityRun<BaselineChunk>;

export interface CandidateChunk extends BaselineChunk {
  /** Mean KL divergence from the base, nats; rounding can make it slightly negative. */
  readonly kld: number;
  /** Part of the scored tokens for which both models prefer the same token, 0 to 1. */
  readonly sameTop: number;
}
export type CandidateRun = PerplexityRun<CandidateChunk>;

export interface PerplexityParser<Run> {
  readonly push: OnText;
  /** Can be asked at any time. A last line without its end does not count. */
  readonly run: () => Run;
}

/** Parses the output of `baselineArgv`. */
export const baselineParser = (): PerplexityParser<BaselineRun> => parser(readBaselineRow, baselineChunks);

/** Parses the output of `candidateArgv`. */
export const candidateParser = (): PerplexityParser<CandidateRun> => parser(readCandidateRow, candidateChunks);

/** What one line of the table says: means over all chunks up to this one. */
interface Row {
  readonly perplexity: number;
  readonly nll: number;
  readonly kld: number;
  readonly sameTop: number;
}

interface State extends Omit<PerplexityRun<never>, "chunks"> {
  readonly rows: Row[];
}

const parser = <Chunk>(
  readRow: (line: string) => Row | undefined,
  chunksOf: (rows: readonly Row[], context: number) => readonly Chunk[],
): PerplexityParser<PerplexityRun<Chunk>> => {
  let state: State = { rows: [], errors: [], summary: false };
  const onLine = (line: string): void => {
    const row = readRow(line);
    if (row === undefined) state = readOther(state, line);
    else state.rows.push(row);
  };
  const readers = { stdout: lineReader(onLine, [passPattern]), stderr: lineReader(onLine, [passPattern]) };
  return {
    push: (text, stream) => readers[stream].push(text),
    run: () => {
      const { rows, ...rest } = state;
      const last = rows.at(-1);
      return {
        ...rest,
        ...(last === undefined ? {} : { perplexity: last.perplexity }),
        chunks: chunksOf(rows, rest.context ?? 0),
      };
    },
  };
};

const readOther = (state: State, line: string): State => {
  const { plan, secondsPerPass, error } = readEvalLine(line);
  if (plan !== undefined) return { ...state, planned: plan.chunks, context: plan.context };
  if (secondsPerPass !== undefined) return { ...state, secondsPerPass };
  // A base file that is too short for its header is information to the tool, as is a failed decode.
  if (/failed to decode/.test(line)) return { ...state, errors: [...state.errors, line.trim()] };
  const tail = /^99\.0% +KLD: +(\S+)$/.exec(line)?.[1];
  if (tail !== undefined) return { ...state, p99Kld: cNumber(tail) };
  if (/Final estimate: PPL = |^Same top p: /.test(line)) return { ...state, summary: true };
  // It follows from a nan in the rows, which says more.
  if (error === undefined || /negative standard deviation/.test(error)) return state;
  return { ...state, errors: [...state.errors, error] };
};

/** Token index of the batch, running perplexity, running mean NLL, its standard error. */
const baselineRow = new RegExp(`^ *\\d+ +(${numberPattern}) +(${numberPattern}) +${numberPattern}$`);

const readBaselineRow = (line: string): Row | undefined => {
  const [, perplexity, nll] = baselineRow.exec(line) ?? [];
  if (perplexity === undefined || nll === undefined) return undefined;
  return { perplexity: cNumber(perplexity), nll: cNumber(nll), kld: 0, sameTop: 0 };
};

/** Chunk, then value and standard error of PPL, ln ratio, KLD, Δp RMS (percent) and same top (percent). */
const cell = `(${numberPattern}) ± +${numberPattern}`;
const candidateRow = new RegExp(`^ *\\d+ +${[cell, cell, cell].join(" +")} +${cell} % +${cell} %$`);

const readCandidateRow = (line: string): Row | undefined => {
  const [, perplexity, , kld, , sameTop] = candidateRow.exec(line) ?? [];
  if (perplexity === undefined || kld === undefined || sameTop === undefined) return undefined;
  const mean = cNumber(perplexity);
  return { perplexity: mean, nll: Math.log(mean), kld: cNumber(kld), sameTop: cNumber(sameTop) / 100 };
};

const baselineChunks = (rows: readonly Row[]): readonly BaselineChunk[] =>
  chunkMeans(rows.map((row) => row.nll)).map((nll) => ({ nll }));

const candidateChunks = (rows: readonly Row[], context: number): readonly CandidateChunk[] => {
  const nll = chunkMeans(rows.map((row) => row.nll));
  const kld = chunkMeans(rows.map((row) => row.kld));
  const sameTop = sameTopParts(
    rows.map((row) => row.sameTop),
    scoredTokens(context),
  );
  return rows.map((_, index) => ({ nll: nll[index] ?? 0, kld: kld[index] ?? 0, sameTop: sameTop[index] ?? 0 }));
};

/**
 * Means of the single chunks from running means over the first 1, 2, … chunks: x_i = i·a_i − (i−1)·a_(i−1).
 *
 * What is lost: a running mean that was rounded by at most `h` puts an error of at most (2i−1)·h on chunk i
 * (`chunkError`), counted from 1; errors of neighbours cancel, so a mean over chunks 1 to n is off by `h` alone.
 */
export const chunkMeans = (running: readonly number[]): number[] =>
  running.map((mean, index) => (index + 1) * mean - index * (running[index - 1] ?? 0));

/** Largest rounding of each printed running mean: NLL of the baseline 6 digits, KLD 5, perplexity 4 (perplexity.cpp). */
export const rounding = { nll: 0.5e-6, kld: 0.5e-5, perplexity: 0.5e-4 } as const;

/**
 * Largest error of chunk `chunk` (from 1) that comes from the printed digits. For a candidate's NLL `half` is
 * `rounding.perplexity` divided by the smaller of the two running perplexities, as d ln p = dp / p.
 */
export const chunkError = (chunk: number, half: number): number => (2 * chunk - 1) * half;

/**
 * The same for a part of whole tokens: the printed percentage has three digits, so up to 100,000 tokens the number of
 * tokens is known exactly, and with it each chunk's.
 */
const sameTopParts = (running: readonly number[], scored: number): number[] => {
  if (scored <= 0) return chunkMeans(running);
  const tokens = running.map((part, index) => Math.round(part * scored * (index + 1)));
  return tokens.map((count, index) => (count - (tokens[index - 1] ?? 0)) / scored);
};

/**
 * Judges the output of a run that exited 0 and of which the first `chunks` chunks are wanted: complete when their rows
 * are there and all of their numbers finite; the closing estimate is not needed.
 *
 * The last row is the one that can be lost: never two of them, but on a busy machine with short runs up to 45 in 100
 * (demo model, 3 windows of 128 tokens, 2 threads on 2 cores). So plan one chunk more than is wanted: then no row that
 * counts is the last.
 * @param tail whether the percentiles of a candidate are wanted too; they come last, and are lost more often
 */
export const perplexityOutcome = (run: BaselineRun | CandidateRun, chunks: number, tail = false): Outcome => {
  const wanted: readonly BaselineChunk[] = run.chunks.slice(0, chunks);
  const broken = wanted.findIndex((chunk) => Object.values(chunk).some((value) => !Number.isFinite(value)));
  if (broken >= 0) return { status: "not-finite", chunk: broken + 1 };
  if (wanted.length === chunks && tail && "kld" in (wanted[0] ?? {}) && run.p99Kld === undefined)
    return { status: "incomplete", missing: "the 99th percentile of the KL divergence" };
  if (wanted.length === chunks) return complete;
  const error = run.errors[0];
  if (error !== undefined) return { status: "refused", message: error };
  if (run.planned !== undefined && run.planned < chunks)
    return { status: "refused", message: `the tool found ${run.planned} chunks, not ${chunks}` };
  return { status: "incomplete", missing: `the row of chunk ${wanted.length + 1} of ${chunks}` };
};
