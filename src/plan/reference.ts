import { stepId } from "../base/ids.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { command } from "./command-output.ts";
import { modelInputs } from "./model-files.ts";
import type { InputRef, StepSpec } from "./step.ts";

const referenceStep = stepId("reference");

/**
 * The model in another precision, for the steps that evaluate it, where it does not fit the machine as it is. Quantizing reads
 * a tensor at a time and takes the model itself. For Q8_0 the action is that of the candidate: the same file is made once.
 */
export const referenceSteps = (pipeline: Pipeline): StepSpec[] => {
  const { baseline } = pipeline;
  if (baseline === undefined) return [];
  const spec: StepSpec = {
    id: referenceStep,
    kind: "quantize",
    title: `Bring the model to ${baseline.toUpperCase()}, to measure against`,
    params: { type: baseline.toUpperCase() },
    inputs: modelInputs(pipeline),
    tool: "llama-quantize",
    after: [stepId("model")],
    numeric: false,
    lazy: true,
    outputs: { quant: { file: "quant.gguf" }, info: { file: "info.json" }, command },
  };
  return [spec];
};

/** What candidates are held against, as inputs of a step: the model itself unless the pipeline says otherwise. */
export const referenceInputs = (pipeline: Pipeline, name = "model"): Record<string, InputRef> =>
  pipeline.baseline === undefined
    ? modelInputs(pipeline, name)
    : { [`${name}.gguf`]: { from: "step", step: referenceStep, output: "quant" } };
