import { writeFileSync } from "node:fs";
import { err, ok } from "../../base/result.ts";
import { checkGguf, type Gguf } from "../../llama/gguf.ts";
import { numberValue, textValue } from "../../llama/gguf-value.ts";
import { vocabularySize } from "../../llama/vocab.ts";
import type { ModelFacts } from "../../select/answer.ts";
import { statedFacts } from "./stated.ts";
import type { StepContext, StepImplementation } from "./step.ts";

/** What the header of the model says. */
export type ModelInfo = Omit<ModelFacts, "sha256" | "bytes" | "file">;

/** Types in which a reference may be: losses are measured against full precision. */
const fullPrecision = ["f32", "f16", "bf16"];

/** Checks that the model is whole and in full precision, before anything long starts. */
export const model: StepImplementation = {
  run: (context) => Promise.resolve(inspect(context)),
};

const inspect = (context: StepContext): Awaited<ReturnType<StepImplementation["run"]>> => {
  const { path } = context.input("model.gguf");
  const gguf = checkGguf(path);
  if (!gguf.ok) return err({ reason: "model-unusable", file: path, why: `it ${gguf.error.why}` });
  const info = describe(gguf.value);
  if (!fullPrecision.includes(info.fileType)) {
    const why = `its weights are ${info.fileType} already; the reference must be F16, BF16 or F32`;
    return err({ reason: "model-unusable", file: path, why });
  }
  const asked = context.spec.params["context"] as number;
  if (info.contextLength !== null && asked > info.contextLength) {
    const why = `it was trained on ${info.contextLength} tokens of context, and the pipeline asks for ${asked}`;
    const remedy = `Lower \`context\` to at most ${info.contextLength} under \`imatrix\` and \`validate\`.`;
    return err({ reason: "model-unusable", file: path, why, remedy });
  }
  writeFileSync(context.path("info"), `${JSON.stringify(info)}\n`);
  return ok(null);
};

const describe = (gguf: Gguf): ModelInfo => {
  const { metadata, tensors } = gguf;
  const architecture = textValue(metadata, "general.architecture") ?? "unknown";
  const weights = tensors.map(({ dims, type }) => ({ type: type.name, count: dims.reduce((a, b) => a * b, 1) }));
  const byType = new Map<string, number>();
  for (const { type, count } of weights) byType.set(type, (byType.get(type) ?? 0) + count);
  const [fileType = "nothing"] = [...byType].sort((a, b) => b[1] - a[1])[0] ?? [];
  return {
    name: textValue(metadata, "general.name") ?? null,
    architecture,
    fileType: fileType.toLowerCase(),
    tensors: tensors.length,
    parameters: weights.reduce((sum, { count }) => sum + count, 0),
    contextLength: numberValue(metadata, `${architecture}.context_length`) ?? null,
    vocabulary: vocabularySize(gguf) ?? 0,
    stated: statedFacts(gguf),
  };
};
