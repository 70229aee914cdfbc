import type { Digest } from "./ids.ts";
import type { Result } from "./result.ts";

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

/** One finished tool run, whatever it ended with. */
export interface ToolExit {
  readonly exitCode?: number;
  readonly signal?: string;
}

/**
 * Runs a tool in the step's scratch directory. Leaves get this function instead of a process library. Text arrives as
 * the tool logs it (with `jsonLog`, the `msg` fragments), cut at any point: feed it to a parser that keeps a tail.
 */
export type Exec = (
  tool: ToolName,
  argv: readonly string[],
  onText: (text: string, stream: "stdout" | "stderr") => void,
) => Promise<Result<ToolExit>>;
