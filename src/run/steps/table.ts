import type { StepKind } from "../../plan/step.ts";
import { baseline } from "./baseline.ts";
import { corpus } from "./corpus.ts";
import { imatrix } from "./imatrix.ts";
import { merge } from "./merge.ts";
import { model } from "./model.ts";
import { quantize } from "./quantize.ts";
import { report } from "./report.ts";
import { select } from "./select.ts";
import type { StepImplementation } from "./step.ts";
import { validate } from "./validate.ts";

/** Who does the work of each kind of step. */
export const stepImplementations: Readonly<Record<StepKind, StepImplementation>> = {
  model,
  corpus,
  imatrix,
  merge,
  baseline,
  quantize,
  validate,
  select,
  report,
};
