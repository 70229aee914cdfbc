import { statSync } from "node:fs";
import type { Gguf } from "../llama/gguf.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Forecast } from "../plan/forecast.ts";
import { makePlan } from "../plan/plan.ts";
import type { StepSpec } from "../plan/step.ts";
import type { Ladder } from "../select/prune.ts";
import type { Layout } from "../store/layout.ts";
import { marginOf } from "./disk.ts";
import { roomAt } from "./full-disk.ts";
import { stepTable } from "./steps/table.ts";

/** Room that a run will take in the store, all in bytes. */
export interface DiskOutlook {
  readonly path: string;
  /** What the steps write that run in any case, */
  readonly sure: number;
  /** and with those that run only if what comes before asks for it. */
  readonly most: number;
  /** To stay free beside it. */
  readonly margin: number;
  readonly free: number;
  readonly fits: "yes" | "perhaps" | "no";
  readonly origin: "estimated";
}

/** By the same formulas as the check before each step, over all steps that are foreseen to run. */
export const foreseeDisk = (
  pipeline: Pipeline,
  { root: path }: Pick<Layout, "root">,
  steps: readonly Forecast[],
  ladder: Ladder | undefined,
  header?: Gguf,
): DiskOutlook | undefined => {
  const room = roomAt(path);
  if (room === undefined) return undefined;
  const specs = (among: readonly Forecast["status"][]): StepSpec[] => {
    const named = new Set(steps.filter(({ status }) => among.includes(status)).map(({ step }) => step));
    return makePlan(pipeline).steps.filter(({ id }) => named.has(id));
  };
  const [sure, most] = [
    sumOf(pipeline, specs(["run"]), ladder, header),
    sumOf(pipeline, specs(["run", "if"]), ladder, header),
  ];
  const fits = sure + marginOf(sure) > room.free ? "no" : most + marginOf(most) > room.free ? "perhaps" : "yes";
  return { path, sure, most, margin: marginOf(most), free: room.free, fits, origin: "estimated" };
};

/** Base logits of one shard lie there at a time, and of all in `decisive` mode. */
const sumOf = ({ select }: Pipeline, specs: readonly StepSpec[], ladder: Ladder | undefined, header?: Gguf): number => {
  const bytes = specs.map((spec) => ({ kind: spec.kind, bytes: writesOf(spec, ladder, header) }));
  const dropped = bytes.filter(({ kind }) => kind === "baseline").map((each) => each.bytes);
  const kept = bytes.filter(({ kind }) => kind !== "baseline").map((each) => each.bytes);
  return sum(kept) + (select.mode === "decisive" ? sum(dropped) : Math.max(0, ...dropped));
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Inputs that are not made yet count as nothing. @throws what node:fs throws for a file of the user's that is gone */
const writesOf = (spec: StepSpec, ladder: Ladder | undefined, header?: Gguf): number => {
  const sizeOf = (role: string): number | undefined => {
    const ref = spec.inputs[role];
    return ref?.from === "file" ? statSync(ref.path).size : undefined;
  };
  return stepTable[spec.kind].writes?.({ spec, sizeOf, ladder, ...(header === undefined ? {} : { header }) }) ?? 0;
};
