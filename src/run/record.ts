import type { StepId } from "../base/ids.ts";
import type { Reason } from "../base/reason.ts";

/** `run.json`: this run on this machine. Unlike `report.json` it differs from run to run. */
export interface RunRecord {
  readonly schemaVersion: 1;
  readonly run: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly host: { readonly name: string; readonly platform: string; readonly cpu: string; readonly cores: number };
  readonly node: string;
  readonly version: string;
  readonly argv: readonly string[];
  readonly toolchain: { readonly directory: string; readonly version: string };
  readonly store: string;
  /** bytes read to compute digests */
  readonly hashedBytes: number;
  readonly executed: number;
  readonly cached: number;
  /** Tool runs repeated because their output was incomplete. */
  readonly repeats: number;
  readonly steps: readonly RunStep[];
}

export interface RunStep {
  readonly step: StepId;
  readonly status: "cached" | "done" | "failed" | "skipped";
  readonly why: readonly Reason[];
  /** Seconds since the run began, and how long it took; 0 for what did not run. */
  readonly began: number;
  readonly seconds: number;
  readonly repeats: number;
}
