import type { JsonObject } from "../base/canonical.ts";
import { stepId, type StepId } from "../base/ids.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { usesImatrix } from "../pipeline/types.ts";
import { corpusStep, sourceSteps, windowsOutput } from "./corpus-step.ts";
import { gatedDomains } from "./gated-domains.ts";
import { calibrationMix, type MixPart } from "./mix.ts";
import { cutShards, type Shard } from "./shards.ts";
import { reportStep } from "./report-step.ts";
import type { InputRef, OutputSpec, Plan, StepSpec } from "./step.ts";

const modelStep = stepId("model");
const corpus = stepId("corpus");
const mergeStep = stepId("imatrix");
const selectStep = stepId("select");

/** Pipeline → steps and edges, with everything that enters each key. No disk: the same pipeline gives the same plan. */
export const makePlan = (pipeline: Pipeline): Plan => {
  const shards = cutShards(
    gatedDomains(pipeline),
    pipeline.validate.units,
    pipeline.validate.unit / pipeline.validate.context,
  );
  const mix = calibrationMix(pipeline);
  const types = pipeline.quantize.types;
  const toolSteps = [
    ...mix.map(({ id, chunks }) => imatrix(pipeline, id, chunks)),
    merge(pipeline, mix),
    ...types.map((type) => quantize(pipeline, type)),
    // Shard-major: every candidate gets the first look in every domain before any gets the second.
    ...shards.flatMap((shard) => [baseline(pipeline, shard), ...types.map((type) => validate(pipeline, type, shard))]),
  ];
  return {
    pipeline: pipeline.name,
    steps: [
      model(pipeline),
      ...sourceSteps(pipeline),
      corpusStep(pipeline, shards, mix),
      ...toolSteps,
      select(pipeline, shards),
      reportStep(pipeline, shards, toolSteps),
    ],
  };
};

/** The exact arguments, kept for `reproduce.sh`. */
const command: OutputSpec = { file: "command.json" };

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

const quantize = (pipeline: Pipeline, type: string): StepSpec => ({
  id: stepId(`quantize/${type}`),
  kind: "quantize",
  title: `Quantize to ${type}`,
  params: { type },
  inputs: {
    "model.gguf": file(pipeline.model),
    // A type that ignores the matrix must not be made again because the matrix changed.
    ...(usesImatrix(type) ? { "imatrix.gguf": output(mergeStep, "imatrix") } : {}),
  },
  tool: "llama-quantize",
  after: [modelStep],
  numeric: false,
  outputs: { quant: { file: "quant.gguf" }, info: { file: "info.json" }, command },
});

const measurement = ({ validate: { context, unit, kv } }: Pipeline, shard: Shard): JsonObject => ({
  context,
  kv,
  chunks: (shard.units * unit) / context,
  // One window more than is needed: what the tool loses at its exit is this one's numbers.
  spare: 1,
});

const baseline = (pipeline: Pipeline, shard: Shard): StepSpec => ({
  id: stepId(`baseline/${shard.number}`),
  kind: "baseline",
  title: `Measure the full-precision model, shard ${shard.number}`,
  params: measurement(pipeline, shard),
  inputs: { "model.gguf": file(pipeline.model), "holdout.txt": output(corpus, `holdout-${shard.number}`) },
  tool: "llama-perplexity",
  after: [modelStep],
  numeric: true,
  outputs: { logits: { file: "base.logits", ephemeral: true }, nll: { file: "nll.json" }, command },
});

const validate = (pipeline: Pipeline, type: string, shard: Shard): StepSpec => ({
  id: stepId(`validate/${type}/${shard.number}`),
  kind: "validate",
  title: `Measure ${type}, shard ${shard.number}`,
  params: measurement(pipeline, shard),
  inputs: {
    "quant.gguf": output(stepId(`quantize/${type}`), "quant"),
    "base.logits": output(stepId(`baseline/${shard.number}`), "logits"),
  },
  tool: "llama-perplexity",
  after: [],
  numeric: true,
  outputs: { rows: { file: "rows.json" }, command },
});

const select = (pipeline: Pipeline, shards: readonly Shard[]): StepSpec => ({
  id: selectStep,
  kind: "select",
  title: "Choose the quant",
  params: {
    types: [...pipeline.quantize.types],
    tolerance: { ...pipeline.select.tolerance },
    shards: shards.map(({ units }) => units),
    chunksPerUnit: pipeline.validate.unit / pipeline.validate.context,
  },
  inputs: {
    ...Object.fromEntries(shards.map(({ number }) => [`nll/${number}`, output(stepId(`baseline/${number}`), "nll")])),
    ...Object.fromEntries(pipeline.quantize.types.flatMap((type) => candidateInputs(type, shards))),
  },
  after: [],
  numeric: false,
  outputs: { selection: { file: "selection.json" } },
});

const candidateInputs = (type: string, shards: readonly Shard[]): [string, InputRef][] => [
  [`quant/${type}`, output(stepId(`quantize/${type}`), "quant")],
  [`info/${type}`, output(stepId(`quantize/${type}`), "info")],
  ...shards.map(({ number }): [string, InputRef] => [
    `rows/${type}/${number}`,
    output(stepId(`validate/${type}/${number}`), "rows"),
  ]),
];
