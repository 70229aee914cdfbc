import type { StepContext } from "./step.ts";
import { readJson } from "./read-json.ts";

/** Windows of calibration text that a source gave: what was planned, or less where it is short and may be. */
export interface Windows {
  readonly chunks: number;
}

/** Windows over all sources that a step reads. */
export const windowsOf = (context: StepContext): number =>
  [...context.inputs.keys()]
    .filter((role) => role.startsWith("windows/"))
    .reduce((sum, role) => sum + (readJson(context, role) as Windows).chunks, 0);
