import type { Reason } from "../base/reason.ts";
import { stepId } from "../base/ids.ts";
import type { Upstream } from "../plan/decide.ts";
import type { DecisionParams } from "../plan/decision-steps.ts";
import type { Ablated, Concern, Plan, StepSpec } from "../plan/step.ts";
import type { Ladder } from "../select/prune.ts";
import type { ReadOutput } from "./evidence.ts";
import type { ReadObject } from "./read-object.ts";
import type { SelectionFile } from "./steps/select.ts";

/** Whether a candidate need not be built or measured, from what was measured before: `undecided-yet` when that is not there yet. */
export type JudgeNeed = (params: DecisionParams, concern: Concern, read: ReadOutput) => Reason | undefined;

/**
 * Says of each step that builds or measures a candidate whether there is need of it.
 * @param judge is asked where that hangs on measurements; it may be missing where no step does
 */
export const makeNeedless = (
  reader: ReadObject,
  params: DecisionParams,
  judge: JudgeNeed | undefined,
): ((spec: StepSpec, upstream: Upstream) => Reason | undefined) => {
  return ({ concerns, ablates }, upstream) => {
    const read = readOutputs(upstream, reader);
    if (ablates !== undefined) return needlessToCompare(ablates, read);
    if (concerns === undefined) return undefined;
    const ladder = read("ladder", "ladder") as Ladder | undefined;
    const pruned = ladder?.pruned.find(({ type }) => type === concerns.type);
    if (pruned !== undefined) return { code: "dominated", field: pruned.by };
    if (concerns.compared === true || !hangsOnMeasurements(concerns, params, ladder?.rungs[0]?.type)) return undefined;
    if (judge === undefined) throw new Error("Internal error: need that nobody was loaded to judge");
    return judge(params, concerns, read);
  };
};

/** What judges need, loaded only where a step hangs on measurements: the statistics take a while to load. */
export const loadJudge = async (params: DecisionParams, { steps }: Plan): Promise<JudgeNeed | undefined> => {
  const hangs = steps.some(({ concerns }) => concerns !== undefined && hangsOnMeasurements(concerns, params));
  return hangs ? (await import("./judge-need.ts")).judgeNeed : undefined;
};

/** A type that is left out of the ladder has no quant to compare with, and one that is asked for as the choice must be it. */
const needlessToCompare = ({ type, ifChosen }: Ablated, read: ReadOutput): Reason | undefined => {
  const ladder = read("ladder", "ladder") as Ladder | undefined;
  const pruned = ladder?.pruned.find((each) => each.type === type);
  if (pruned !== undefined) return { code: "dominated", field: pruned.by };
  if (!ifChosen) return undefined;
  const selection = read("select", "selection") as SelectionFile | undefined;
  if (selection === undefined) return { code: "undecided-yet" };
  return selection.choice === type ? undefined : { code: "not-chosen", field: type };
};

/** What is measured whatever comes out: everything in full, the first look of a ladder, and that of its largest candidate. */
const hangsOnMeasurements = (
  { type, stretch }: Concern,
  { mode, shards }: DecisionParams,
  largest?: string,
): boolean => {
  const isFirst = stretch === undefined || stretch.end <= (shards[0]?.end ?? 0);
  if (mode === "decisive") return !isFirst || type !== largest;
  return mode === "ladder" && !isFirst;
};

const readOutputs =
  (upstream: Upstream, reader: ReadObject): ReadOutput =>
  (step, output) => {
    const object = upstream(stepId(step))?.outputs[output];
    return object === undefined ? undefined : reader(object.digest);
  };
