import type { Digest, StepId } from "../base/ids.ts";
import type { Reason } from "../base/reason.ts";
import type { LinkKind } from "../store/link.ts";

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
  /** Absolute path of the pipeline file. */
  readonly pipelineFile: string;
  /** How files of the store came into the results' folder, by file; `kept` lay there already. */
  readonly links: Readonly<Record<string, LinkKind>>;
  /** Bytes in the store when the run was over; null when it could not be read. */
  readonly storeBytes: number | null;
  readonly storeSummary: StoreSummary | null;
  /** The plots and the page as they were drawn; absent when there was nothing to draw. */
  readonly drawing?: Drawing;
}

/** What was drawn, so that the next run can tell whether it must be drawn again. */
export interface Drawing {
  /** over the program and the report */
  readonly key: Digest;
  readonly files: Readonly<Record<string, Digest>>;
}

/** The store after a run. */
export interface StoreSummary {
  /** Bytes of all that lies in it, and finished actions. */
  readonly bytes: number;
  readonly actions: number;
  /** Bytes that a collection could take now. */
  readonly collectable: number;
  /** Bytes that none may take: needed by runs at work, pinned, or of the newest run of a pipeline. */
  readonly kept: number;
  /** Bytes above which actions are collected; null for no limit. */
  readonly max: number | null;
  /** What this run took away at its end. */
  readonly collected: { readonly actions: number; readonly bytes: number };
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
