import type { Digest } from "../../base/ids.ts";
import type { Result } from "../../base/result.ts";
import type { Threads, Toolchain, ToolName } from "../../base/tool.ts";
import type { StepSpec } from "../../plan/step.ts";
import type { HubDataset } from "../../pipeline/pipeline.ts";
import type { FetchFile, FetchText } from "../fetch-file.ts";
import type { RemoteFiles } from "../remote-files.ts";

/** How a kind of step does its work. What enters its key and what it reads stands in `plan`. */
export interface StepImplementation {
  /** Makes every output under its file name in the scratch directory. */
  readonly run: (context: StepContext) => Promise<Result<null>>;
  /** Structural check of an output before it may be published; the error is a sentence to
   * stand after the file's name. */
  readonly check?: (output: string, path: string, context: StepContext) => Result<null, string>;
}

export interface InputFile {
  readonly path: string;
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
  /** Another run may drop it at any moment. */
  readonly ephemeral: boolean;
}

/** What a step sees of the world. Inputs lie in `scratch` under their role's name when the role is a plain file name. */
export interface StepContext {
  readonly spec: StepSpec;
  /** What it does (`recipeOf`). */
  readonly recipe: Digest;
  readonly scratch: string;
  readonly toolchain: Toolchain;
  readonly input: (role: string) => InputFile;
  /** All inputs, in the order of the plan. */
  readonly inputs: ReadonlyMap<string, InputFile>;
  readonly path: (output: string) => string;
  /** @param rate units a second as the tool says, until two signs of progress tell; 0 where it does not */
  readonly progress: (done: number, total: number, unit: string, rate?: number) => void;
  /** Runs a tool in the scratch directory; a failure unless it ended with exit code 0. */
  readonly tool: RunTool;
  /** Runs a program of the user's in the step's folder, with the user's environment; a failure unless it ended with 0. */
  readonly program: RunProgram;
  /** Brings a file from elsewhere. */
  readonly fetch: FetchFile;
  readonly fetchText: FetchText;
  /** Opens the files of a dataset, to read parts of them. */
  readonly remote: (dataset: HubDataset) => Promise<Result<RemoteFiles>>;
  /** The user's. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Says something that a person should know. */
  readonly note: (message: string) => void;
  /** Aborts when the run is interrupted: long computations look at it. */
  readonly cancel: AbortSignal;
  /** Repeats `work`, up to three times in all, while it ends `tool-incomplete`. */
  readonly repeat: <T>(work: () => Promise<Result<T>>) => Promise<Result<T>>;
}

/** @param argv builds the arguments; called with the real number of threads, and with a placeholder to write them down */
export type RunTool = (
  tool: ToolName,
  argv: (threads: Threads) => readonly string[],
  onText: (text: string, stream: "stdout" | "stderr") => void,
) => Promise<Result<ToolRun>>;

/** @param onOutput gets the bytes that it prints to standard output, which stand in no log */
export type RunProgram = (
  request: { readonly program: string; readonly argv: readonly string[]; readonly input?: string },
  onOutput: (bytes: Uint8Array) => void,
) => Promise<Result<null>>;

export interface ToolRun {
  /** The end of what it said, for messages. */
  readonly lastLines: readonly string[];
  readonly log: string;
}
