import type { StepId } from "../base/ids.ts";

/** Steps that are shown as one line once they are done. */
export interface Phase {
  readonly title: string;
  readonly steps: readonly StepId[];
}

const titles: Readonly<Record<string, string>> = {
  model: "Model",
  source: "Sources",
  corpus: "Corpus",
  imatrix: "Importance matrix",
  ladder: "Order the candidates",
  quantize: "Quantize",
  select: "Select",
  ablation: "Compare the importance matrices",
  fit: "Fit",
  report: "Report",
};

/** The phases of a run in the order of their first steps. Measurements are grouped by shard, with their baseline. */
export const phasesOf = (steps: readonly StepId[]): Phase[] => {
  const phases = new Map<string, StepId[]>();
  for (const step of steps) {
    const title = titleOf(step);
    phases.set(title, [...(phases.get(title) ?? []), step]);
  }
  return [...phases].map(([title, members]) => ({ title, steps: members }));
};

const measuring: readonly string[] = ["baseline", "noise", "validate"];

const titleOf = (step: StepId): string => {
  const parts = step.split("/");
  const kind = parts[0] ?? step;
  if (measuring.includes(kind)) return `Measure shard ${parts.at(-1) ?? ""}`;
  return titles[kind] ?? kind;
};
