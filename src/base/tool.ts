import type { Digest } from "./ids.ts";

/** The llama.cpp programs that a pipeline drives. */
export const toolNames = ["llama-imatrix", "llama-quantize", "llama-perplexity", "llama-tokenize"] as const;
export type ToolName = (typeof toolNames)[number];

/** What computes, as far as it changes the numbers: two machines of one class may share imatrix and validation results. */
export interface NumericClass {
  readonly backend: "cpu" | "cuda" | "metal" | "vulkan" | "unknown";
  /** Name of the accelerator, `cpu` without one. */
  readonly device: string;
  /** Instruction set the CPU code was built for, such as `x86-64-v3`, or `native:<digest>`. */
  readonly isa: string;
}

/** A directory with all the tools, and what they are. */
export interface Toolchain {
  readonly directory: string;
  readonly origin: "option" | "environment" | "path" | "managed";
  /** As the tools print it, such as `0.5.0-dev (build 1, commit de3ff81)`. */
  readonly version: string;
  /** Changes when the bytes that compute change; enters every step key. */
  readonly identity: Readonly<Record<ToolName, Digest>>;
  readonly numeric: NumericClass;
  /** `--log-jsonl` puts all records on stdout, one JSON object a line. */
  readonly jsonLog: boolean;
}

/** Stands for the number of threads in an argument that is written down: it changes no result. */
export const threadsPlaceholder = "{threads}";
export type Threads = number | typeof threadsPlaceholder;
