import { logArgv } from "./common.ts";
import { lineReader } from "./lines.ts";
import type { OnText } from "./log.ts";

export interface LoadRequest {
  /** File names relative to the working directory. */
  readonly model: string;
  /** A text that is too short to compute anything. */
  readonly text: string;
  readonly context: number;
  readonly batch: number;
  readonly microBatch: number;
  readonly cache: string;
  readonly gpuLayers: "all" | 0;
  readonly jsonLog: boolean;
}

/**
 * argv of llama-perplexity that loads a model, makes its context, and ends: the text is shorter than two windows, so there is
 * nothing to compute. `--no-repack`: the processor's own copies of weights in another order are no part of the file. Log level
 * 4 has the sizes of the buffers.
 */
export const loadOnlyArgv = (request: LoadRequest): string[] =>
  [
    ["-m", request.model],
    ["-f", request.text],
    ["-c", String(request.context)],
    ["-b", String(request.batch)],
    ["-ub", String(request.microBatch)],
    ["-t", "1"],
    ["-tb", "1"],
    ["-ngl", String(request.gpuLayers)],
    ["-ctk", request.cache],
    ["-ctv", request.cache],
    ["-fa", "on"],
    ["-fit", "off"],
    ["--no-warmup"],
    ["--no-repack"],
    logArgv(request.jsonLog, 4),
  ].flat();

const kinds = { model: "weights", KV: "cache", RS: "state", compute: "compute" } as const;

/** Bytes that llama.cpp allocated on one side; in its log they have two digits of a MiB. */
export type Buffers = Readonly<Record<(typeof kinds)[keyof typeof kinds], number>>;

export interface LoadParser {
  readonly push: OnText;
  /** What was allocated so far: on processors, and on everything else. */
  readonly buffers: () => { readonly cpu: Buffers; readonly gpu: Buffers };
  /** The tool got as far as to look for its text, so everything is allocated. */
  readonly loaded: () => boolean;
}

const bufferPattern = /(\S+) (model|KV|RS|compute) buffer size = +([\d.]+) MiB/;
const endPattern = /you need at least \d+ tokens/;

/** Reads the sizes of buffers. A model with two caches names both; a compute buffer that is made anew replaces the first. */
export const loadParser = (): LoadParser => {
  const lines: { readonly device: string; readonly kind: keyof typeof kinds; readonly bytes: number }[] = [];
  let ended = false;
  const onLine = (line: string): void => {
    const [, device = "", kind, mib] = bufferPattern.exec(line) ?? [];
    if (kind !== undefined) lines.push({ device, kind: kind as keyof typeof kinds, bytes: Number(mib) * 1024 ** 2 });
    if (endPattern.test(line)) ended = true;
  };
  const readers = { stdout: lineReader(onLine, []), stderr: lineReader(onLine, []) };
  const side = (cpu: boolean): Buffers => {
    const own = lines.filter(({ device }) => isMain(device) === cpu);
    const latest = new Map(own.map((line, index) => [line.kind === "compute" ? line.device : `${index}`, line]));
    const sums = { weights: 0, cache: 0, state: 0, compute: 0 };
    for (const { kind, bytes } of latest.values()) sums[kinds[kind]] += bytes;
    return sums;
  };
  return {
    push: (text, stream) => readers[stream].push(text),
    buffers: () => ({ cpu: side(true), gpu: side(false) }),
    loaded: () => ended,
  };
};

/** `CPU`, `CPU_Mapped`, `CUDA_Host`: main memory, also where the GPU may read it. */
const isMain = (device: string): boolean => /^CPU|_Host$|^BLAS/.test(device);
