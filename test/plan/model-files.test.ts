import { describe, expect, test } from "vitest";
import type { Pipeline } from "../../src/pipeline/pipeline.ts";
import { makePlan } from "../../src/plan/plan.ts";
import type { StepSpec } from "../../src/plan/step.ts";
import { importing, toppedUp } from "./pipelines.ts";

const files = [1, 2].map((number) => ({ path: `/home/ada/models/x-0000${number}-of-00002.gguf`, fetched: null }));

/** The model in two files, measured against its Q8_0. */
const split = (pipeline: Pipeline): Pipeline => ({
  ...pipeline,
  model: files[0]!.path,
  modelSource: { files, hub: null },
  baseline: "q8_0",
});

/** What a step reads as the model: the paths of its files, or the step that makes it. */
const modelOf = ({ inputs }: StepSpec): string[] =>
  Object.entries(inputs).flatMap(([role, ref]) => {
    if (!/^model(-\d{5}-of-\d{5})?\.gguf$/.test(role)) return [];
    return [ref.from === "file" ? ref.path : ref.from === "step" ? ref.step : ref.from];
  });

describe.each([
  ["with more text where too little reaches", split(toppedUp)],
  ["with an imported matrix", split(importing)],
])("a model in two files, measured against its Q8_0, %s", (_, pipeline) => {
  const { steps } = makePlan(pipeline);
  const reading = (kinds: readonly string[]): StepSpec[] => steps.filter(({ kind }) => kinds.includes(kind));

  test("is evaluated as Q8_0", () => {
    const evaluating = reading(["imatrix", "top-up", "baseline"]);
    expect(evaluating.length).toBeGreaterThan(2);
    for (const step of evaluating) expect(modelOf(step), step.id).toEqual(["reference"]);
  });

  test("is quantized, checked and named in all its files", () => {
    const others = reading(["model", "corpus", "merge", "import", "ladder", "quantize", "report"]);
    expect(others.length).toBeGreaterThan(6);
    for (const step of others) expect(modelOf(step), step.id).toEqual(files.map(({ path }) => path));
  });
});
