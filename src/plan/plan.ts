import { stepId, type StepId } from "../base/ids.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { corpusStep, sourceSteps, windowsOutput } from "./corpus-step.ts";
import { select } from "./decision-steps.ts";
import { baseline, command, isFirstLook, ladder, noise, quantize, validate } from "./measure-steps.ts";
import { fitSteps } from "./fit-step.ts";
import { calibrationMix, type MixPart } from "./mix.ts";
import { cutShards, type Shard } from "./shards.ts";
import { reportStep } from "./report-step.ts";
import type { InputRef, Plan, StepSpec } from "./step.ts";

const modelStep = stepId("model");
const corpus = stepId("corpus");
const mergeStep = stepId("imatrix");

/** Pipeline → steps and edges, with everything that enters each key. No disk: the same pipeline gives the same plan. */
export const makePlan = (pipeline: Pipeline): Plan => {
  const shards = shardsOf(pipeline);
  const mix = calibrationMix(pipeline);
  const types = pipeline.quantize.types;
  const toolSteps = [
    ...mix.map(({ id, chunks }) => imatrix(pipeline, id, chunks)),
    merge(pipeline, mix),
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
      model(pipeline),
      ...sourceSteps(pipeline),
      corpusStep(pipeline, shards, mix),
      ...toolSteps,
      select(pipeline, shards),
      ...fitSteps(pipeline),
      reportStep(pipeline, shards, toolSteps),
    ],
  };
};

/** The stretches of the holdout that are measured at once. */
export const shardsOf = ({ validate: { domains, units, unit, context } }: Pipeline): Shard[] =>
  cutShards(domains, units, unit / context);

const file = (path: string): InputRef => ({ from: "file", path });
const output = (step: StepId, name: string): InputRef => ({ from: "step", step, output: name });

const model = (pipeline: Pipeline): StepSpec => ({
  id: modelStep,
  kind: "model",
  title: "Check the model",
  params: { context: Math.max(pipeline.imatrix.context, pipeline.validate.context) },
  inputs: { "model.gguf": file(pipeline.model) },
  after: [],
  numeric: false,
  outputs: { info: { file: "info.json" } },
});

const imatrix = (pipeline: Pipeline, source: string, chunks: number): StepSpec => ({
  id: stepId(`imatrix/${source}`),
  kind: "imatrix",
  title: `Importance matrix of ${source}`,
  params: { source, chunks, context: pipeline.imatrix.context },
  inputs: {
    "model.gguf": file(pipeline.model),
    [`${source}.txt`]: output(corpus, `calibration-${source}`),
    ...Object.fromEntries([windows(source)]),
  },
  tool: "llama-imatrix",
  after: [modelStep],
  numeric: true,
  outputs: { imatrix: { file: "imatrix.gguf" }, command },
});

/** How many windows a source really gave. */
const windows = (source: string): [string, InputRef] => [`windows/${source}`, output(corpus, windowsOutput(source))];

/** A source may be called `model` or `imatrix`, and its file must not take the place of those two. */
const partName = (source: string): string => `part-${source}`;

const merge = (pipeline: Pipeline, mix: readonly MixPart[]): StepSpec => ({
  id: mergeStep,
  kind: "merge",
  title: "Merge the importance matrices",
  params: {
    sources: mix.map(({ id }) => partName(id)),
    chunks: pipeline.imatrix.chunks,
    context: pipeline.imatrix.context,
  },
  inputs: {
    "model.gguf": file(pipeline.model),
    ...Object.fromEntries(mix.map(({ id }) => [`${partName(id)}.gguf`, output(stepId(`imatrix/${id}`), "imatrix")])),
    ...Object.fromEntries(mix.map(({ id }) => windows(id))),
  },
  tool: "llama-imatrix",
  after: [],
  numeric: false,
  outputs: { imatrix: { file: "imatrix.gguf" }, info: { file: "info.json" }, command },
});
