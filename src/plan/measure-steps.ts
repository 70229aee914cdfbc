import type { JsonObject } from "../base/canonical.ts";
import { stepId, type StepId } from "../base/ids.ts";
import { looksOf } from "../base/looks.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { usesImatrix } from "../pipeline/types.ts";
import { command } from "./command-output.ts";
import { calibrationMix, type MixPart } from "./mix.ts";
import { modelInputs } from "./model-files.ts";
import { referenceInputs } from "./reference.ts";
import type { Shard } from "./shards.ts";
import type { InputRef, StepSpec } from "./step.ts";

const output = (step: StepId, name: string): InputRef => ({ from: "step", step, output: name });

const modelStep = stepId("model");
export const ladderStep = stepId("ladder");
export const noiseStep = (shard: Shard): StepId => stepId(`noise/${shard.number}`);
export const baselineStep = (shard: Shard): StepId => stepId(`baseline/${shard.number}`);
export const quantizeStep = (type: string): StepId => stepId(`quantize/${type}`);
export const validateStep = (type: string, shard: Shard): StepId => stepId(`validate/${type}/${shard.number}`);

/** Whether a shard belongs to the first look, on which every decision begins. */
export const isFirstLook = ({ validate }: Pipeline, shard: Shard): boolean =>
  shard.end <= (looksOf(validate.units)[0] ?? 0);

/** Weights that get a type of their own because too little text reached them. */
export const pins = ({ imatrix: { coverage } }: Pipeline): Readonly<Record<string, InputRef>> =>
  (coverage?.pin ?? null) === null ? {} : { "coverage/pins": output(stepId("imatrix"), "pins") };

/** Sizes of all candidates, and with them the order in which they are tested: frozen before anything is measured. */
export const ladder = (pipeline: Pipeline): StepSpec => ({
  id: ladderStep,
  kind: "ladder",
  title: "Order the candidates",
  params: {
    types: [...pipeline.quantize.types],
    dominated: pipeline.quantize.dominated,
    ...(pipeline.imatrix.import === null ? {} : { imported: true }),
  },
  inputs: {
    ...modelInputs(pipeline),
    "imatrix.gguf": output(stepId("imatrix"), "imatrix"),
    ...pins(pipeline),
  },
  tool: "llama-quantize",
  after: [modelStep],
  numeric: false,
  outputs: { ladder: { file: "ladder.json" } },
});

export const quantize = (pipeline: Pipeline, type: string): StepSpec => ({
  id: quantizeStep(type),
  kind: "quantize",
  title: `Quantize to ${type}`,
  params: { type },
  inputs: {
    ...modelInputs(pipeline),
    // A type that ignores the matrix must not be made again because the matrix changed.
    ...(usesImatrix(type) ? { ...calibrated(stepId("imatrix"), mixOf(pipeline)), ...pins(pipeline) } : {}),
  },
  tool: "llama-quantize",
  after: [modelStep],
  numeric: false,
  outputs: { quant: { file: "quant.gguf" }, info: { file: "info.json" }, command },
  concerns: { type, ...(isCompared(pipeline, type) ? { compared: true } : {}) },
  ...(pipeline.select.mode === "decisive" ? { lazy: true } : {}),
});

const isCompared = ({ ablation }: Pipeline, type: string): boolean =>
  ablation?.matrices.includes("mixed") === true && ablation.types.includes(type);

/** The matrix, and the texts it comes from: their digest stands in the file. They are not read, so a slash is in the role. */
export const calibrated = (matrix: StepId, mix: readonly MixPart[]): Readonly<Record<string, InputRef>> => ({
  "imatrix.gguf": output(matrix, "imatrix"),
  ...Object.fromEntries(
    mix.map(({ id }) => [`${calibrationRole}${id}`, output(stepId("corpus"), `calibration-${id}`)]),
  ),
});

/** None of a matrix from elsewhere. */
const mixOf = (pipeline: Pipeline): readonly MixPart[] =>
  pipeline.imatrix.import === null ? calibrationMix(pipeline) : [];

/** In front of the name of a source. */
export const calibrationRole = "calibration/";

export const measurement = (
  { validate: { context, unit, kv }, select: { warn } }: Pipeline,
  { units }: Pick<Shard, "units">,
): JsonObject => ({
  context,
  kv,
  chunks: (units * unit) / context,
  // One window more than is needed: what the tool loses at its exit is this one's numbers.
  spare: 1,
  // The percentiles come after that, so a run that must have them may have to be repeated.
  ...(warn.p99Kld === null ? {} : { tail: true }),
});

/** Runs only for a candidate that needs it. */
export const baseline = (pipeline: Pipeline, shard: Shard): StepSpec => ({
  id: baselineStep(shard),
  kind: "baseline",
  title: `Measure the full-precision model, shard ${shard.number}`,
  params: measurement(pipeline, shard),
  inputs: {
    ...referenceInputs(pipeline),
    "holdout.txt": output(stepId("corpus"), `holdout-${shard.number}`),
  },
  tool: "llama-perplexity",
  after: [modelStep],
  numeric: true,
  lazy: true,
  outputs: { logits: { file: "base.logits", ephemeral: true }, nll: { file: "nll.json" }, command },
});

/** The full-precision model against itself: what the measurement itself is worth. */
export const noise = (pipeline: Pipeline, shard: Shard): StepSpec => ({
  ...measured(measurement(pipeline, shard), referenceInputs(pipeline, "quant"), baselineStep(shard)),
  id: noiseStep(shard),
  title: `Measure the full-precision model against itself, shard ${shard.number}`,
});

export const validate = (pipeline: Pipeline, type: string, shard: Shard): StepSpec => ({
  ...measured(measurement(pipeline, shard), { "quant.gguf": output(quantizeStep(type), "quant") }, baselineStep(shard)),
  id: validateStep(type, shard),
  title: `Measure ${type}, shard ${shard.number}`,
  concerns: { type, stretch: { domain: shard.domain, end: shard.end } },
});

export const measured = (
  params: JsonObject,
  model: StepSpec["inputs"],
  base: StepId,
): Omit<StepSpec, "id" | "title"> => ({
  kind: "validate",
  params,
  inputs: { ...model, "base.logits": output(base, "logits") },
  tool: "llama-perplexity",
  after: [ladderStep],
  numeric: true,
  outputs: { rows: { file: "rows.json" }, command },
});
