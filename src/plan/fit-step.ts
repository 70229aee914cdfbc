import { stepId } from "../base/ids.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { quantizeStep } from "./measure-steps.ts";
import type { StepSpec } from "./step.ts";

/** The step that reckons which certified quant goes onto the GPU with how long a context; none where the file says nothing of it. */
export const fitSteps = ({ name, quantize, validate, fit }: Pipeline): StepSpec[] => {
  if (fit === null) return [];
  const { kv, context, ...rest } = fit;
  return [
    {
      id: stepId("fit"),
      kind: "fit",
      title: "Fit the choice into memory",
      params: {
        name,
        ...rest,
        kv: [...kv],
        context: context === "max" ? context : { ...context },
        validated: { context: validate.context, kv: validate.kv },
      },
      inputs: {
        selection: { from: "step", step: stepId("select"), output: "selection" },
        ...Object.fromEntries(
          quantize.types.map((type) => [
            `${type}.gguf`,
            { from: "step", step: quantizeStep(type), output: "quant", optional: true } as const,
          ]),
        ),
      },
      // Only what is loaded depends on what loads it.
      ...(fit.verify ? { tool: "llama-perplexity" } : {}),
      after: [],
      numeric: fit.verify,
      outputs: { fit: { file: "fit.json" } },
    },
  ];
};
