import picomatch from "picomatch";
import type { StepId } from "../base/ids.ts";

/** Whether a step is named by globs such as `quantize/*` or `validate/Q4_K_M/**`; `otherwise` without any. */
export const matcher = (globs: readonly string[] | undefined, otherwise: boolean): ((step: StepId) => boolean) =>
  globs === undefined ? () => otherwise : picomatch([...globs]);
