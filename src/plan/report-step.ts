import type { JsonObject } from "../base/canonical.ts";
import { stepId } from "../base/ids.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { asJson, decisionParams, roleOf } from "./decision-steps.ts";
import { calibrationMix } from "./mix.ts";
import { modelInputs } from "./model-files.ts";
import type { Shard } from "./shards.ts";
import type { InputRef, StepSpec } from "./step.ts";

/** The step that gathers the answer: it reads what every other step found, and the commands they ran. */
export const reportStep = (pipeline: Pipeline, shards: readonly Shard[], toolSteps: readonly StepSpec[]): StepSpec => ({
  id: stepId("report"),
  kind: "report",
  title: "Write the report",
  params: {
    name: pipeline.name,
    // The report names the file; where it lies does not matter.
    model: pipeline.model.split(/[\\/]/).at(-1) ?? "",
    seed: pipeline.corpus.seed,
    imatrix: { context: pipeline.imatrix.context, mix: mixOf(pipeline) },
    validate: { context: pipeline.validate.context, unit: pipeline.validate.unit, kv: pipeline.validate.kv },
    decision: asJson(decisionParams(pipeline, shards)),
    warn: { ...pipeline.select.warn },
    ...(pipeline.baseline === undefined ? {} : { baseline: pipeline.baseline }),
    card: { ...pipeline.card, tags: [...pipeline.card.tags] },
    commands: toolSteps.filter(({ outputs }) => "command" in outputs).map((spec) => describeCommand(spec)),
  },
  inputs: {
    ...modelInputs(pipeline),
    model: output("model", "info"),
    manifest: output("corpus", "manifest"),
    selection: output("select", "selection"),
    ...(pipeline.ablation === undefined ? {} : { ablation: output("ablation", "ablation") }),
    ...(pipeline.fit === null ? {} : { fit: output("fit", "fit") }),
    ...Object.fromEntries(toolSteps.flatMap(reportInputs)),
  },
  tool: "toolchain",
  after: [],
  numeric: true,
  outputs: { report: { file: "report.json" } },
});

/** What each source counts for; nothing in a matrix from elsewhere. */
const mixOf = (pipeline: Pipeline): JsonObject[] =>
  pipeline.imatrix.import === null ? calibrationMix(pipeline).map((part) => ({ ...part })) : [];

const output = (step: string, name: string): InputRef => ({ from: "step", step: stepId(step), output: name });

/** Every small output, and the big ones, of which only the digest is used; as far as there was need of them. */
const reportInputs = (spec: StepSpec): [string, InputRef][] =>
  Object.entries(spec.outputs)
    .filter(([, { ephemeral }]) => ephemeral !== true)
    .map(([name]) => [roleOf(spec.id, name), { from: "step", step: spec.id, output: name, ...optional(spec) }]);

const optional = ({ lazy, concerns }: StepSpec): { optional?: true } =>
  lazy === true || concerns !== undefined ? { optional: true } : {};

/** What is known of a command before it runs: where its inputs come from and which of its files are kept. */
const describeCommand = (spec: StepSpec): JsonObject => ({
  step: spec.id,
  inputs: Object.fromEntries(
    Object.entries(spec.inputs)
      // A role with a slash does not lie in the tool's directory.
      .filter(([role]) => !role.includes("/") && role !== "previous.gguf")
      .map(([role, ref]) => [role, commandInput(role, ref)]),
  ),
  outputs: Object.fromEntries(
    Object.entries(spec.outputs)
      .filter(([, { file }]) => /\.(gguf|logits)$/.test(file))
      .map(([name, { file, ephemeral }]) => [file, ephemeral === true ? null : roleOf(spec.id, name)]),
  ),
});

const commandInput = (role: string, ref: InputRef): JsonObject => {
  if (ref.from !== "step") return { from: "model", ...partOf(role) };
  // Mixed by addition here, not by a tool: the script takes the file that lies beside it.
  if (ref.step === stepId("imatrix")) return { from: "result", file: "imatrix.gguf" };
  if (ref.step === stepId("corpus")) return { from: "corpus", file: `${ref.output}.txt` };
  return { from: "command", step: ref.step, file: fileOf[ref.output] ?? ref.output };
};

const partOf = (role: string): JsonObject => {
  const number = /-(\d{5})-of-\d{5}\.gguf$/.exec(role)?.[1];
  return number === undefined ? {} : { part: Number(number) };
};

/** File names of the outputs that commands read from each other. */
const fileOf: Readonly<Record<string, string>> = {
  quant: "quant.gguf",
  logits: "base.logits",
};
