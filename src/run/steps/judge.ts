import type { Failure } from "../../base/failure.ts";
import { err, ok, unreachable, type Result } from "../../base/result.ts";
import type { Threads, ToolName } from "../../base/tool.ts";
import type { EvalFlags } from "../../llama/common.ts";
import type { Outcome } from "../../llama/outcome.ts";
import type { StepContext, ToolRun } from "./step.ts";

/** Turns what the output of a tool that exited 0 says into a result of the step. */
export const judge = (context: StepContext, tool: ToolName, outcome: Outcome, run: ToolRun): Result<null> => {
  const step = context.spec.id;
  switch (outcome.status) {
    case "complete":
      return ok(null);
    case "incomplete":
      return err({ reason: "tool-incomplete", tool, step, missing: outcome.missing, attempts: 1, log: run.log });
    case "refused":
      return err(failed(context, tool, run, outcome.message));
    case "not-finite":
      return err(failed(context, tool, run, `chunk ${outcome.chunk} gave a number that is not finite`));
    default:
      return unreachable(outcome);
  }
};

const failed = (context: StepContext, tool: ToolName, run: ToolRun, message: string): Failure => ({
  reason: "tool-failed",
  tool,
  step: context.spec.id,
  exitCode: 0,
  message,
  lastLines: run.lastLines.slice(-12),
  log: run.log,
});

/** Flags that depend on the toolchain. All layers go to the accelerator when there is one; the key's numeric class names it. */
export const toolFlags = ({ toolchain }: StepContext, threads: Threads): ToolFlags => ({
  threads,
  gpuLayers: toolchain.numeric.backend === "cpu" ? 0 : "all",
  jsonLog: toolchain.jsonLog,
});

type ToolFlags = Pick<EvalFlags, "threads" | "gpuLayers" | "jsonLog">;
