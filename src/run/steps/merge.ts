import { writeFileSync } from "node:fs";
import { imatrixOutcome, imatrixParser, mergeArgv } from "../../llama/imatrix.ts";
import { checkImatrixOf } from "./imatrix-check.ts";
import { judge } from "./judge.ts";
import { ok, type Result } from "../../base/result.ts";
import type { StepContext, StepImplementation } from "./step.ts";

/**
 * Adds up the matrices of all sources. The tool adds raw sums and counts, so each source weighs as much as it has
 * tokens, which is its share of the mix.
 */
export const merge: StepImplementation = {
  run: (context) => context.repeat(() => add(context)),
  check: (output, path, context) => {
    if (output !== "imatrix") return ok(null);
    const coverage = checkImatrixOf(path, context);
    if (!coverage.ok) return coverage;
    writeFileSync(context.path("info"), `${JSON.stringify(coverage.value)}\n`);
    return ok(null);
  },
};

const add = async (context: StepContext): Promise<Result<null>> => {
  const params = context.spec.params as unknown as { sources: readonly string[]; context: number };
  const parser = imatrixParser();
  const argv = (): string[] =>
    mergeArgv({
      inputs: params.sources.map((source) => `${source}.gguf`),
      output: "imatrix.gguf",
      context: params.context,
      jsonLog: context.toolchain.jsonLog,
    });
  const run = await context.tool("llama-imatrix", argv, parser.push);
  return run.ok ? judge(context, "llama-imatrix", imatrixOutcome(parser.run(), 0), run.value) : run;
};
