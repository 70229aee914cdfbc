import picomatch from "picomatch";
import type { StepId } from "../base/ids.ts";
import type { Plan } from "../plan/step.ts";

/** The first glob that names no step of a plan: a misspelt one would otherwise do nothing, and say that all is well. */
export const unmatched = (globs: readonly string[] | undefined, plan: Plan): string | undefined =>
  globs?.find((glob) => !plan.steps.some(({ id }) => matcher([glob], false)(id)));

/** Whether a step is named by globs such as `quantize/*` or `validate/Q4_K_M/**`; `otherwise` without any. */
export const matcher = (globs: readonly string[] | undefined, otherwise: boolean): ((step: StepId) => boolean) =>
  globs === undefined ? () => otherwise : picomatch([...globs]);
