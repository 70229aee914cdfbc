import type { JsonObject } from "../base/canonical.ts";
import { stepId } from "../base/ids.ts";
import { scoredTokens } from "../base/scored-tokens.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { baselineStep, isFirstLook, ladderStep, noiseStep, quantizeStep, validateStep } from "./measure-steps.ts";
import type { Shard } from "./shards.ts";
import type { InputRef, StepSpec } from "./step.ts";

/** What a decision is taken by: the parameters of the step `select`, and of whoever asks what is to be measured next. */
export interface DecisionParams {
  readonly mode: Pipeline["select"]["mode"];
  readonly plannedReruns: number;
  readonly tolerances: Pipeline["select"]["tolerances"];
  readonly types: readonly string[];
  readonly shards: readonly Shard[];
  /** Of each domain. */
  readonly units: number;
  readonly chunksPerUnit: number;
  /** Tokens of a unit that count; of each window the second half but its last token. */
  readonly scored: number;
}

export const decisionParams = (pipeline: Pipeline, shards: readonly Shard[]): DecisionParams => {
  const { context, unit, units } = pipeline.validate;
  const chunksPerUnit = unit / context;
  return {
    mode: pipeline.select.mode,
    plannedReruns: pipeline.select.plannedReruns,
    tolerances: pipeline.select.tolerances,
    types: pipeline.quantize.types,
    shards,
    units,
    chunksPerUnit,
    scored: chunksPerUnit * scoredTokens(context),
  };
};

/** The same as it enters a key: tolerances by domain, so that what changed in one can be named. */
export const asJson = ({ tolerances, types, shards, ...rest }: DecisionParams): JsonObject => ({
  ...rest,
  domains: tolerances.map(({ domain }) => domain),
  tolerance: Object.fromEntries(tolerances.map(({ domain, ...allowed }) => [domain, allowed])),
  types: [...types],
  shards: shards.map((shard) => ({ ...shard })),
});

/** The way back from `asJson`. */
export const fromJson = (params: unknown): DecisionParams => {
  const { domains, tolerance, ...rest } = params as DecisionJson;
  const tolerances = domains.flatMap((domain) => {
    const allowed = tolerance[domain];
    return allowed === undefined ? [] : [{ domain, ...allowed }];
  });
  return { ...rest, tolerances };
};

interface DecisionJson extends Omit<DecisionParams, "tolerances"> {
  readonly domains: readonly string[];
  readonly tolerance: Readonly<Record<string, Omit<DecisionParams["tolerances"][number], "domain">>>;
}

/** Role of an input that is an output of another step. */
export const roleOf = (step: string, output: string): string => `${step}:${output}`;

const input = (step: string, output: string, optional: boolean): [string, InputRef] => [
  roleOf(step, output),
  { from: "step", step: stepId(step), output, ...(optional ? { optional: true } : {}) },
];

/** Verdicts and choice from everything that was measured; what was not needed is no input. */
export const select = (pipeline: Pipeline, shards: readonly Shard[]): StepSpec => ({
  id: stepId("select"),
  kind: "select",
  title: "Choose the quant",
  params: asJson(decisionParams(pipeline, shards)),
  inputs: {
    ...Object.fromEntries([
      input(ladderStep, "ladder", false),
      ...shards.map((shard) => input(baselineStep(shard), "nll", true)),
      ...shards.filter((shard) => isFirstLook(pipeline, shard)).map((shard) => input(noiseStep(shard), "rows", false)),
      ...pipeline.quantize.types.flatMap((type) => [
        input(quantizeStep(type), "quant", true),
        input(quantizeStep(type), "info", true),
        ...shards.map((shard) => input(validateStep(type, shard), "rows", true)),
      ]),
    ]),
    ledger: { from: "ledger" },
  },
  after: [],
  numeric: false,
  outputs: { selection: { file: "selection.json" } },
});
