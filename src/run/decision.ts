import { readFileSync } from "node:fs";
import type { Notice } from "../base/event.ts";
import { stepId } from "../base/ids.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Selection } from "../select/choose.ts";
import type { Layout } from "../store/layout.ts";
import { ledgerPath, noteDecision } from "./ledger.ts";
import type { StepRunner } from "./step-runner.ts";

/**
 * Writes a decision into the ledger as soon as it is taken, whether the report came to its end or not. A folder that
 * cannot be written to costs the memory of it, not the run.
 */
export const rememberDecision = (pipeline: Pipeline, layout: Layout, runner: StepRunner): Notice | undefined => {
  const selection = runner.records.get(stepId("select"))?.outputs["selection"];
  if (selection === undefined) return undefined;
  const { identity } = runner.inputs.ledger();
  const { choice } = JSON.parse(readFileSync(layout.object(selection.digest), "utf8")) as Selection;
  const path = ledgerPath(pipeline);
  try {
    const { decision, model, alpha, units } = identity;
    const at = new Date().toISOString();
    noteDecision(path, { schema: 1, decision, pipeline: pipeline.name, at, model, alpha, choice, units });
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `the decision could not be noted in ${path} (${why}): later ones on this holdout will not know of it`;
    return { type: "notice", level: "warning", message };
  }
};

export const damagedLedger = (pipeline: Pipeline, lines: readonly number[]): Notice => ({
  type: "notice",
  level: "warning",
  message: `${ledgerPath(pipeline)}: line ${lines.join(", ")} is no entry of a ledger and is not counted; mend or remove it`,
});
