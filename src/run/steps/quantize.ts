import { writeFileSync } from "node:fs";
import { byCodeUnit } from "../../base/canonical.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { quantizeArgv, quantizeOutcome, quantizeParser, type QuantizeRun } from "../../llama/quantize.ts";
import type { Threads } from "../../base/tool.ts";
import { checkGguf, type Gguf } from "../../llama/gguf.ts";
import { textValue } from "../../llama/gguf-value.ts";
import { judge } from "./judge.ts";
import { pinsFor } from "./pins.ts";
import { provenanceOf } from "./provenance.ts";
import type { StepContext, StepImplementation } from "./step.ts";

/** What llama-quantize said it did. */
export interface QuantInfo {
  /** Bits a weight over the tensor data, two digits. */
  readonly bpw: number;
  /** Tensors by the type they got. */
  readonly types: Readonly<Record<string, number>>;
  /** Tensors that could not have the type they should, by the type they got instead. */
  readonly fallbacks: Readonly<Record<string, number>>;
  /** What was written into the header, by key. */
  readonly provenance: Readonly<Record<string, string>>;
}

/** One quantized file. */
export const quantize: StepImplementation = {
  run: (context) => context.repeat(() => build(context)),
  check: (output, path, context) => (output === "quant" ? checkQuant(path, context) : ok(null)),
};

/** Names and sizes of all tensors, in an order of their own: llama-quantize orders them by layer. */
const shape = ({ tensors }: Gguf): string =>
  tensors
    .map(({ name, dims }) => `${name} ${dims.join("x")}`)
    .sort(byCodeUnit)
    .join("\n");

/** Whole, with the very tensors of the model and with its origin: a build that died left zeros where the header belongs. */
const checkQuant = (path: string, context: StepContext): Result<null, string> => {
  const [quant, model] = [checkGguf(path), checkGguf(context.input("model.gguf").path)];
  if (!quant.ok) return err(quant.error.why);
  if (!model.ok) return err(`the model ${model.error.why}`);
  if (shape(quant.value) !== shape(model.value)) return err("its tensors are not those of the model");
  const entries = Object.entries(provenanceOf(context));
  const lost = entries.find(([key, text]) => textValue(quant.value.metadata, key) !== text);
  return lost === undefined ? ok(null) : err(`its header does not say that ${lost.join(" is ")}`);
};

const build = async (context: StepContext): Promise<Result<null>> => {
  const parser = quantizeParser();
  const provenance = provenanceOf(context);
  const argv = (threads: Threads): string[] =>
    quantizeArgv({
      model: "model.gguf",
      output: "quant.gguf",
      type: context.spec.params["type"] as string,
      ...("imatrix.gguf" in context.spec.inputs ? { imatrix: "imatrix.gguf" } : {}),
      ...pinsFor(context, context.spec.params["type"] as string),
      entries: provenance,
      threads,
    });
  const run = await context.tool("llama-quantize", argv, (text, stream) => {
    parser.push(text, stream);
    const { done, total } = parser.run();
    if (total !== undefined) context.progress(done, total, "tensors");
  });
  if (!run.ok) return run;
  const said = parser.run();
  const judged = judge(context, "llama-quantize", quantizeOutcome(said), run.value);
  if (judged.ok) writeFileSync(context.path("info"), `${JSON.stringify({ ...describe(said), provenance })}\n`);
  return judged;
};

const describe = ({ tensors, bitsPerWeight }: QuantizeRun): Omit<QuantInfo, "provenance"> => ({
  bpw: bitsPerWeight ?? Number.NaN,
  types: countBy(tensors.map(({ to }) => to)),
  fallbacks: countBy(tensors.filter(({ wanted }) => wanted !== undefined).map(({ to }) => to)),
});

const countBy = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};
