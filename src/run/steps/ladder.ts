import { writeFileSync } from "node:fs";
import type { Failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import {
  dryRunArgv,
  quantizedBytes,
  quantizeOutcome,
  quantizeParser,
  type QuantizedTensor,
  type QuantizeRun,
} from "../../llama/quantize.ts";
import { makeLadder, type Sized } from "../../select/prune.ts";
import { judge } from "./judge.ts";
import { pinsFor } from "./pins.ts";
import { provenanceForm } from "./provenance.ts";
import type { StepContext, StepImplementation } from "./step.ts";

interface LadderParams {
  readonly types: readonly string[];
  readonly dominated: "drop" | "keep";
  /** The matrix is one from elsewhere. */
  readonly imported?: true;
}

/** Sizes from a dry run of llama-quantize for each type, with the importance matrix that it will use. */
export const ladder: StepImplementation = {
  run: async (context) => {
    const { types, dominated } = context.spec.params as unknown as LadderParams;
    const sizes: Sized[] = [];
    for (const type of types) {
      const sized = await context.repeat(() => dryRun(context, type));
      if (!sized.ok) return sized;
      sizes.push(sized.value);
      context.progress(sizes.length, types.length, "types");
    }
    writeFileSync(context.path("ladder"), `${JSON.stringify(makeLadder(sizes, dominated), null, 2)}\n`);
    return ok(null);
  },
};

const dryRun = async (context: StepContext, type: string): Promise<Result<Sized>> => {
  const parser = quantizeParser();
  const run = await context.tool(
    "llama-quantize",
    (threads) => dryRunArgv({ model: "model.gguf", type, imatrix: "imatrix.gguf", ...pinsFor(context, type), threads }),
    (text, stream) => parser.push(text, stream),
  );
  if (!run.ok) return run;
  const said = parser.run();
  const judged = judge(context, "llama-quantize", quantizeOutcome(said), run.value);
  return judged.ok ? sizeOf(context, type, said) : err(judged.error);
};

const sizeOf = (context: StepContext, type: string, said: QuantizeRun): Result<Sized> => {
  const { imported } = context.spec.params as unknown as LadderParams;
  const entries = provenanceForm(context.toolchain, type, imported !== true);
  const bytes = quantizedBytes(said, context.input("model.gguf").size, entries);
  return bytes.ok ? ok({ type, bytes: bytes.value }) : err(unknownType(context, bytes.error));
};

const unknownType = (context: StepContext, { name, from, to }: QuantizedTensor): Failure => ({
  reason: "tool-failed",
  tool: "llama-quantize",
  step: context.spec.id,
  exitCode: 0,
  message: `the size of the tensor ${name} cannot be told: its types are ${from} and ${to}`,
  lastLines: [],
  log: "",
});
