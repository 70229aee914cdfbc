import type { SelectMode } from "./select-mode.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { StepId } from "./ids.ts";
import type { PinChange } from "./pin-change.ts";

/**
 * Every way in which a run is expected to go wrong. One union, keyed by `reason`, plain data only: `report` turns a
 * failure into words and `cli` into an exit code. Each reason is explained in docs/failures.md (held by a test).
 */
export type Failure =
  | InvalidPipeline
  | UnusableArgument
  | ToolchainMissing
  | ToolchainBuildFailed
  | ModelUnusable
  | CorpusUnreadable
  | CorpusShort
  | CorpusOverlap
  | SourceFailed
  | ToolFailed
  | ToolIncomplete
  | ToolStalled
  | ArtifactInvalid
  | NotReproduced
  | ImatrixUncovered
  | ImatrixUnusable
  | InputChanged
  | LogitsDisk
  | DiskShort
  | DiskFull
  | FileTrouble
  | FrozenChanged
  | StoreReadOnly
  | Interrupted
  | DeadlineReached;

export type FailureReason = Failure["reason"];

/** The pipeline file, or a file it names, has mistakes; all of them are listed. */
export interface InvalidPipeline {
  readonly reason: "invalid-pipeline";
  readonly diagnostics: readonly Diagnostic[];
}

/** An argument or environment variable cannot be used. */
export interface UnusableArgument {
  readonly reason: "unusable-argument";
  readonly message: string;
}

/** No usable llama.cpp tools were found and none may be built now. */
export interface ToolchainMissing {
  readonly reason: "toolchain-missing";
  /** One line for each place that was looked at. */
  readonly tried: readonly string[];
  /** The command that mends it. */
  readonly remedy: string;
}

/** Building llama.cpp failed. */
export interface ToolchainBuildFailed {
  readonly reason: "toolchain-build-failed";
  readonly stage: "fetch" | "unpack" | "configure" | "compile" | "check";
  readonly message: string;
  readonly log?: string;
}

/** The model file cannot be the reference: unreadable, truncated, no GGUF, quantized already, or of too short a context. */
export interface ModelUnusable {
  readonly reason: "model-unusable";
  readonly file: string;
  readonly why: string;
  /** What to do, where it is not to give another file. */
  readonly remedy?: string;
}

/** Documents of the corpus cannot be read as text. */
export interface CorpusUnreadable {
  readonly reason: "corpus-unreadable";
  /** How many there are, of which the first few are listed. */
  readonly count: number;
  readonly files: readonly { readonly source: string; readonly file: string; readonly why: string }[];
}

/** So much of a domain's held-out text stands in calibration text too that the rest cannot be called independent. */
export interface CorpusOverlap {
  readonly reason: "corpus-overlap";
  readonly domain: string;
  /** Part of the checked documents that share text with calibration, and the most that may, 0 to 1. */
  readonly rate: number;
  readonly limit: number;
  readonly checked: number;
  readonly dropped: number;
  /** `runs`: runs of thirteen words in common. */
  readonly examples: readonly { readonly source: string; readonly name: string; readonly runs: number }[];
}

/** A command that gives text, or git, did not end well. */
export interface SourceFailed {
  readonly reason: "source-failed";
  readonly source: string;
  readonly program: string;
  readonly message: string;
  readonly lastLines: readonly string[];
  readonly log: string;
}

/** A source has less text than the pipeline asks of it. */
export interface CorpusShort {
  readonly reason: "corpus-short";
  readonly source: string;
  readonly split: "calibration" | "search" | "holdout";
  /** tokens */
  readonly wanted: number;
  /** tokens */
  readonly available: number;
}

/** A tool said that it failed, or died. */
export interface ToolFailed {
  readonly reason: "tool-failed";
  readonly tool: string;
  readonly step: StepId;
  readonly exitCode?: number;
  readonly signal?: string;
  /** What the tool said, or what is wrong with what it said. */
  readonly message: string;
  readonly lastLines: readonly string[];
  readonly log: string;
}

/** A tool exited 0, again and again, without printing what it should have. */
export interface ToolIncomplete {
  readonly reason: "tool-incomplete";
  readonly tool: string;
  readonly step: StepId;
  readonly missing: string;
  readonly attempts: number;
  readonly log: string;
}

/** A tool neither printed anything nor used the processor for longer than `timeouts.stall`. */
export interface ToolStalled {
  readonly reason: "tool-stalled";
  readonly tool: string;
  readonly step: StepId;
  readonly seconds: number;
  readonly log: string;
}

/** A step's output failed its structural check; the file is in quarantine and was not published. */
export interface ArtifactInvalid {
  readonly reason: "artifact-invalid";
  readonly step: StepId;
  readonly output: string;
  readonly why: string;
  readonly quarantined?: string;
}

/** An output that was dropped to save disk came out different when it was made again. */
export interface NotReproduced {
  readonly reason: "not-reproduced";
  readonly step: StepId;
  readonly output: string;
  readonly expected: string;
  readonly got: string;
}

/** Too little text reached some weights of the model, or some of their experts. */
export interface ImatrixUncovered {
  readonly reason: "imatrix-uncovered";
  readonly step: StepId;
  /** Tokens that must reach each. */
  readonly minTokens: number;
  /** Part of the experts of a weight that may have fewer, 0 to 1. */
  readonly allowed: number;
  /** Experts from 0, of how many; null for a weight without. `tokens`: the fewest of any of them. */
  readonly weights: readonly {
    readonly weight: string;
    readonly experts: readonly number[] | null;
    readonly of: number;
    readonly tokens: number;
  }[];
  /** Windows that sources gave besides, without success; absent where none was asked. */
  readonly topUp?: number;
}

/** An importance matrix from elsewhere that cannot be used with this model. */
export interface ImatrixUnusable {
  readonly reason: "imatrix-unusable";
  /** Name without folders. */
  readonly file: string;
  readonly why: string;
}

/** A file of the user changed while a step read it; what the step made was not published. */
export interface InputChanged {
  readonly reason: "input-changed";
  readonly step: StepId;
  readonly path: string;
}

/** What a step writes will not fit, so it was not begun. All numbers are bytes. */
export interface DiskShort {
  readonly reason: "disk-short";
  readonly step: StepId;
  /** A folder on the file system in question. */
  readonly path: string;
  /** What the step writes there, */
  readonly writes: number;
  /** what other steps that run still have to write there, */
  readonly others: number;
  /** and what is to stay free for all that is not counted, */
  readonly margin: number;
  /** together. */
  readonly need: number;
  readonly free: number;
}

/** A disk or a quota is full. */
export interface DiskFull {
  readonly reason: "disk-full";
  readonly path: string;
  /** bytes, when known */
  readonly free?: number;
  /** Bytes that were to be written in all, when known. */
  readonly need?: number;
  /** What there is none left of, where it is not space. */
  readonly lacks?: "quota" | "inodes";
}

/** Base logits would take more disk than the pipeline allows. */
export interface LogitsDisk {
  readonly reason: "logits-disk";
  /** bytes at once */
  readonly need: number;
  readonly limit: number;
  /** How much is measured: in `decisive` mode the logits of all shards lie on the disk together. */
  readonly mode: SelectMode;
  /** Units of the largest shard. */
  readonly units: number;
}

/** The operating system refused a file operation. */
export interface FileTrouble {
  readonly reason: "file-trouble";
  readonly path: string;
  readonly operation: string;
  readonly code: string;
}

/** A run that is to be the pinned one would use something else. */
export interface FrozenChanged {
  readonly reason: "frozen-changed";
  readonly lock: string;
  readonly problem: "differs" | "missing" | "damaged";
  readonly changes: readonly PinChange[];
}

/** A store that may only be read lacks what a step makes. */
export interface StoreReadOnly {
  readonly reason: "store-read-only";
  /** The directory that `--cache` names. */
  readonly store: string;
  /** The first step that would have to run; absent when it is standard input that would have to be kept. */
  readonly step?: StepId;
}

/** The run was told to stop; everything finished is kept. */
export interface Interrupted {
  readonly reason: "interrupted";
  readonly signal: "SIGINT" | "SIGTERM" | "SIGHUP";
}

/** The time that `--deadline` gave is over; everything finished is kept. */
export interface DeadlineReached {
  readonly reason: "deadline";
  /** From the start of the command, seconds. */
  readonly seconds: number;
  /** Of the whole run, known when it has ended: steps that are done or were cached, and all. */
  readonly steps?: { readonly done: number; readonly all: number };
}

/** The run was ended from outside, by a person or by the clock. */
export type Stopped = Interrupted | DeadlineReached;

/**
 * The failure of what was ended. The reason of the abort is the name of a signal, or the deadline; a program that aborts
 * without either counts as Ctrl-C.
 */
export const interruption = (cancel: AbortSignal | undefined): Stopped => {
  const cause: unknown = cancel?.reason;
  if (isDeadline(cause)) return cause;
  return { reason: "interrupted", signal: cause === "SIGTERM" || cause === "SIGHUP" ? cause : "SIGINT" };
};

const isDeadline = (cause: unknown): cause is DeadlineReached =>
  typeof cause === "object" && cause !== null && "reason" in cause && cause.reason === "deadline";

/**
 * Turns what `node:fs` throws into a failure. Anything without a `code` is a bug and is thrown on, and so are Node's own
 * codes such as ERR_INVALID_ARG_TYPE, but for ERR_FS_…, which tell of a file.
 */
export const fileFailure = (error: unknown, path: string, operation: string): DiskFull | FileTrouble => {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code === undefined || /^ERR_(?!FS_)/.test(code)) throw error;
  // The error knows best which file it is about.
  const file = error instanceof Error && "path" in error && typeof error.path === "string" ? error.path : path;
  if (isDiskFull(error)) return { reason: "disk-full", path: target(error) ?? file, ...lack(code) };
  return { reason: "file-trouble", path: file, operation, code };
};

/** Whether the operating system refused a write because there is no room. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");

/** Of a copy, a link or a rename, `path` is the file that there is; room is missing where it should go. */
const target = (error: unknown): string | undefined =>
  error instanceof Error && "dest" in error && typeof error.dest === "string" ? error.dest : undefined;

const lack = (code: string): Pick<DiskFull, "lacks"> => (code === "EDQUOT" ? { lacks: "quota" } : {});
