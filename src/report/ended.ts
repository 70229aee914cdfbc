import type { Failure } from "../base/failure.ts";
import type { Answer } from "../select/answer.ts";

/** How a run ended, as far as CI wants to know. */
export interface EndedRun {
  readonly pipeline: string;
  /** Absent when a failure, an interruption or `--only` kept the run from its end. */
  readonly answer?: Answer;
  readonly failures: readonly Failure[];
}
