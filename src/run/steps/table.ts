import type { StepKind } from "../../plan/step.ts";
import type { StepImplementation } from "./step.ts";
import { baselineWrites, corpusWrites, imatrixWrites, quantizeWrites, type WritesOf } from "./writes.ts";

export type Load = "measurement" | "tool" | "light";

interface StepEntry {
  /**
   * `measurement`: it evaluates a model, on the accelerator where there is one. `tool`: another tool that uses the threads
   * it is given. `light`: little more than a moment of this process.
   */
  readonly load: Load;
  /** Its code is loaded when it must run: a run that finds everything done needs none of it. */
  readonly open: () => Promise<StepImplementation>;
  /** How much it writes, where that may be much: it must fit before the step begins. */
  readonly writes?: WritesOf;
}

/** Who does the work of each kind of step. */
export const stepTable: Readonly<Record<StepKind, StepEntry>> = {
  fetch: { load: "light", open: async () => (await import("./fetch.ts")).fetch },
  model: { load: "light", open: async () => (await import("./model.ts")).model },
  source: { load: "tool", open: async () => (await import("./source.ts")).source },
  corpus: { load: "tool", open: async () => (await import("./corpus.ts")).corpus, writes: corpusWrites },
  imatrix: { load: "measurement", open: async () => (await import("./imatrix.ts")).imatrix, writes: imatrixWrites },
  "top-up": { load: "measurement", open: async () => (await import("./top-up.ts")).topUp, writes: imatrixWrites },
  merge: { load: "light", open: async () => (await import("./merge.ts")).merge, writes: imatrixWrites },
  import: { load: "light", open: async () => (await import("./import.ts")).bring, writes: imatrixWrites },
  ladder: { load: "tool", open: async () => (await import("./ladder.ts")).ladder },
  baseline: { load: "measurement", open: async () => (await import("./baseline.ts")).baseline, writes: baselineWrites },
  quantize: { load: "tool", open: async () => (await import("./quantize.ts")).quantize, writes: quantizeWrites },
  validate: { load: "measurement", open: async () => (await import("./validate.ts")).validate },
  select: { load: "light", open: async () => (await import("./select.ts")).select },
  ablation: { load: "light", open: async () => (await import("./ablation.ts")).ablation },
  fit: { load: "tool", open: async () => (await import("./fit.ts")).fit },
  report: { load: "light", open: async () => (await import("./report.ts")).report },
};
