import type { Failure } from "./failure.ts";
import type { RunId, StepId } from "./ids.ts";
import type { PinChange } from "./pin-change.ts";
import type { Reason } from "./reason.ts";

/** Everything that happens while the product works. Run code emits; only `report` formats. */
export type Event =
  RunStarted | StepEvent | Progress | Attempt | Waiting | Hashing | LockEvent | Notice | BuildStage | ResultEvent;

export type Emit = (event: Event) => void;

export interface RunStarted {
  readonly type: "run-started";
  readonly run: RunId;
  readonly pipeline: string;
  readonly store: string;
  readonly steps: readonly { readonly id: StepId; readonly title: string }[];
}

/** A step changed state. `cached`, `done`, `failed` and `skipped` are final. */
export interface StepEvent {
  readonly type: "step";
  readonly step: StepId;
  readonly status: "cached" | "started" | "done" | "failed" | "skipped";
  /** Why it runs, or why it is skipped. */
  readonly why?: readonly Reason[];
  readonly failure?: Failure;
  readonly seconds?: number;
}

/** How far a step is. */
export interface Progress {
  readonly type: "progress";
  readonly step: StepId;
  readonly done: number;
  readonly total: number;
  /** What is counted: `chunks`, `tensors`, `bytes`. */
  readonly unit: string;
  /** units a second since the first sign of progress */
  readonly rate: number;
  /** seconds; absent while the rate is unknown */
  readonly eta?: number;
}

/** Inputs are read to know their digests; told once a second when it takes so long, and a last time at its end. */
export interface Hashing {
  readonly type: "hashing";
  /** The one in hand. */
  readonly file: string;
  /** bytes, over all inputs that must be read */
  readonly done: number;
  readonly total: number;
  /** bytes a second */
  readonly rate: number;
  /** seconds */
  readonly eta: number;
}

/** A tool run was incomplete and is repeated. */
export interface Attempt {
  readonly type: "attempt";
  readonly step: StepId;
  readonly attempt: number;
  readonly missing: string;
}

/** The lock file beside the pipeline file was written, cannot be read, or says something else than this run uses. */
export interface LockEvent {
  readonly type: "lock";
  readonly status: "written" | "differs" | "damaged";
  readonly path: string;
  readonly changes: readonly PinChange[];
}

/** A step waits for others on this machine, or for another run of the same step. */
export interface Waiting {
  readonly type: "waiting";
  readonly step: StepId;
  /** `step`: another run is making it. `threads`, `memory`, `gpu`: tools of other runs, or of this one, use them. */
  readonly reason: "step" | "threads" | "memory" | "gpu";
  /** Who has it; absent where that cannot be told. */
  readonly holder?: { readonly pid: number; readonly host: string; readonly run: string };
  /** The wait has ended. */
  readonly over?: true;
}

/** Something a person should know; never needed to follow the run. */
export interface Notice {
  readonly type: "notice";
  readonly level: "info" | "warning";
  readonly message: string;
}

/** The managed llama.cpp is being built. */
export interface BuildStage {
  readonly type: "build";
  readonly stage: "fetch" | "unpack" | "configure" | "compile" | "check" | "done";
  /** 0 to 1 within the whole build */
  readonly fraction: number;
}

/** The last event of `run` and `toolchain install`. */
export interface ResultEvent {
  readonly type: "result";
  readonly ok: boolean;
  readonly exitCode: number;
  readonly choice?: {
    readonly type: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly file: string;
  } | null;
  /** The error rate of the holdout was spent before: the stated confidence does not hold. */
  readonly exploratory?: true;
  readonly failures?: readonly Failure[];
  /** Directory of the results, or of the tools. */
  readonly directory?: string;
  readonly executed?: number;
  readonly cached?: number;
  /** Bytes in the store afterwards. */
  readonly storeBytes?: number;
}
