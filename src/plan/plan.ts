import { stepId } from "../base/ids.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { ablationSteps } from "./ablation-steps.ts";
import { corpusStep, sourceSteps } from "./corpus-step.ts";
import { select } from "./decision-steps.ts";
import { fitSteps } from "./fit-step.ts";
import { calibrationParts, imatrixSteps } from "./imatrix-steps.ts";
import { baseline, isFirstLook, ladder, noise, quantize, validate } from "./measure-steps.ts";
import { fetchSteps, modelInputs } from "./model-files.ts";
import { cutShards, type Shard } from "./shards.ts";
import { referenceSteps } from "./reference.ts";
import { reportStep } from "./report-step.ts";
import type { Plan, StepSpec } from "./step.ts";

const modelStep = stepId("model");

/** Pipeline → steps and edges, with everything that enters each key. No disk: the same pipeline gives the same plan. */
export const makePlan = (pipeline: Pipeline): Plan => {
  const shards = shardsOf(pipeline);
  const mix = calibrationParts(pipeline);
  const types = pipeline.quantize.types;
  const toolSteps = [
    ...referenceSteps(pipeline),
    ...imatrixSteps(pipeline, mix),
    ladder(pipeline),
    ...types.map((type) => quantize(pipeline, type)),
    // Shard-major: every candidate gets the first look in every domain before any gets the second.
    ...shards.flatMap((shard) => [
      baseline(pipeline, shard),
      ...(isFirstLook(pipeline, shard) ? [noise(pipeline, shard)] : []),
      ...types.map((type) => validate(pipeline, type, shard)),
    ]),
  ];
  return {
    pipeline: pipeline.name,
    steps: [
      ...fetchSteps(pipeline),
      model(pipeline),
      ...sourceSteps(pipeline),
      corpusStep(pipeline, shards, mix),
      ...toolSteps,
      select(pipeline, shards),
      ...ablationSteps(pipeline),
      ...fitSteps(pipeline),
      reportStep(pipeline, shards, toolSteps),
    ],
  };
};

/** The stretches of the holdout that are measured at once. */
export const shardsOf = ({ validate: { domains, units, unit, context } }: Pipeline): Shard[] =>
  cutShards(domains, units, unit / context);

const model = (pipeline: Pipeline): StepSpec => ({
  id: modelStep,
  kind: "model",
  title: "Check the model",
  params: { context: Math.max(pipeline.imatrix.context, pipeline.validate.context) },
  inputs: modelInputs(pipeline),
  after: [],
  numeric: false,
  outputs: { info: { file: "info.json" } },
});
