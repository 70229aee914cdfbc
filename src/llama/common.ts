/** What llama-imatrix and llama-perplexity have in common: the flags that are always given, and some output lines. */

import type { Threads } from "../base/tool.ts";

/** How a model is evaluated. Everything but `threads` and `jsonLog` can change the numbers. */
export interface EvalFlags {
  /** n_ctx: tokens in a window (`chunk`) */
  readonly context: number;
  /** Tokens in a micro-batch; divides `context`, at least 16 or the imatrix collects nothing. Default: `context`, at most 512. */
  readonly microBatch?: number;
  readonly threads: Threads;
  /** Layers on the accelerator; `all` for as many as there are. */
  readonly gpuLayers: number | "all";
  /** The tool has `--log-jsonl`. */
  readonly jsonLog: boolean;
}

/**
 * Flags that are given even where they equal the default: defaults differ between versions, and any flag that is left
 * out can be set by a configuration file. The batch equals the context, so a batch is one window: with the default of
 * 2048, windows share a batch and the last ones lose tokens (llama-cpp.md, fact 7). `-fit off`: the tool may not adjust
 * them to the memory that happens to be free.
 */
export const evalArgv = (flags: EvalFlags): string[] =>
  [
    ["-c", String(flags.context)],
    ["-b", String(flags.context)],
    ["-ub", String(microBatch(flags))],
    ["-t", String(flags.threads)],
    ["-tb", String(flags.threads)],
    ["-ngl", String(flags.gpuLayers)],
    ["-fit", "off"],
    logArgv(flags.jsonLog),
  ].flat();

/** Log level 3 is information: at 2 and below `Final estimate` and the progress lines are gone. */
export const logArgv = (jsonLog: boolean, level = 3): string[] =>
  [
    ["-lv", String(level)],
    ["--log-colors", "off"],
    ["--log-prefix", "--log-timestamps"],
    jsonLog ? ["--log-jsonl"] : [],
  ].flat();

const microBatch = ({ context, microBatch: wanted }: EvalFlags): number => {
  const tokens = wanted ?? largestDivisor(context, 512);
  if (tokens < 16 || context % tokens !== 0)
    throw new Error(`Internal error: micro-batch of ${tokens} tokens in a context of ${context}`);
  return tokens;
};

const largestDivisor = (whole: number, most: number): number => {
  for (let part = Math.min(whole, most); part > 1; part -= 1) if (whole % part === 0) return part;
  return 1;
};

/** Complete before the end of its line, because what follows goes to the other stream. */
export const passPattern = /^.*?([\d.]+) seconds per pass - ETA /;
const planPattern = /: (?:computing|calculating perplexity|computing perplexity) over (\d+) chunks, n_ctx=(\d+),/;
const levelPattern = /^(?:\d+\.\d{2}\.\d{3}\.\d{3} )?([EWID]) (.*)$/;

/** What one line that every evaluation prints says. */
export interface EvalLine {
  /** Windows the tool will go through, and their tokens. */
  readonly plan?: { readonly chunks: number; readonly context: number };
  /** A pass is one window, as the batch equals the context. */
  readonly secondsPerPass?: number;
  readonly error?: string;
}

export const readEvalLine = (line: string): EvalLine => {
  const pass = passPattern.exec(line);
  if (pass !== null) return { secondsPerPass: Number(pass[1]) };
  const plan = planPattern.exec(line);
  if (plan !== null) return { plan: { chunks: Number(plan[1]), context: Number(plan[2]) } };
  const error = errorOf(line);
  return error === undefined ? {} : { error };
};

/** The message of a line of level error, without time and level. */
export const errorOf = (line: string): string | undefined => {
  const [, level, message = ""] = levelPattern.exec(line) ?? [];
  if (level === "E" && message.trim() !== "") return message.trim();
  return /^error\b.+|GGML_ASSERT\(.*\) failed/.exec(line)?.[0];
};

/** `nan`, `-nan` and `inf` as C prints them, and numbers. */
export const numberPattern = "-?(?:\\d+(?:\\.\\d+)?|nan|inf)";

export const cNumber = (text: string): number => {
  if (text.endsWith("nan")) return Number.NaN;
  if (text.endsWith("inf")) return text.startsWith("-") ? -Infinity : Infinity;
  return Number(text);
};
