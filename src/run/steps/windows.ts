import type { StepContext } from "./step.ts";
import { readJson } from "./read-json.ts";

/** Windows of calibration text that a source gave: what was planned, or less where it is short and may be. */
export interface Windows {
  readonly chunks: number;
}

export const windowsOf = (context: StepContext, source: string): number =>
  (readJson(context, `windows/${source}`) as Windows).chunks;
