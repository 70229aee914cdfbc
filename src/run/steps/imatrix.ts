import { ok, type Result } from "../../base/result.ts";
import { imatrixArgv, imatrixOutcome, imatrixParser } from "../../llama/imatrix.ts";
import type { Threads } from "../../base/tool.ts";
import { checkImatrixOf } from "./imatrix-check.ts";
import { judge, toolFlags } from "./judge.ts";
import { modelName } from "./model-files.ts";
import type { StepContext, StepImplementation } from "./step.ts";
import { windowsOf } from "./windows.ts";

interface ImatrixParams {
  readonly source: string;
  readonly context: number;
}

/** The importance matrix of one source: mean squared activations of the model on its calibration text. */
export const imatrix: StepImplementation = {
  run: (context) => context.repeat(() => collect(context)),
  check: (output, path, context) => (output === "imatrix" ? discard(checkImatrixOf(path, context)) : ok(null)),
};

const discard = (checked: Result<unknown, string>): Result<null, string> => (checked.ok ? ok(null) : checked);

const collect = async (context: StepContext): Promise<Result<null>> => {
  const { source, context: window } = context.spec.params as unknown as ImatrixParams;
  const chunks = windowsOf(context);
  const parser = imatrixParser();
  const argv = (threads: Threads): string[] =>
    imatrixArgv({
      model: modelName(context),
      text: `${source}.txt`,
      output: "imatrix.gguf",
      chunks,
      context: window,
      ...toolFlags(context, threads),
    });
  const run = await context.tool("llama-imatrix", argv, (text, stream) => {
    parser.push(text, stream);
    const { done } = parser.run();
    if (done > 0) context.progress(done, chunks, "chunks");
  });
  return run.ok ? judge(context, "llama-imatrix", imatrixOutcome(parser.run(), chunks), run.value) : run;
};
