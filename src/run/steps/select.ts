import { writeFileSync } from "node:fs";
import { ok } from "../../base/result.ts";
import { fromJson, roleOf } from "../../plan/decision-steps.ts";
import type { Ledger } from "../../select/answer.ts";
import { choose, type BaseNll, type Evidence, type Selection } from "../../select/choose.ts";
import type { Rules } from "../../select/verdict.ts";
import { gather, type Measured } from "../evidence.ts";
import type { QuantInfo } from "./quantize.ts";
import { readJson } from "./read-json.ts";
import type { StepContext, StepImplementation } from "./step.ts";

/** `selection.json`: the choice, and what it was taken by. */
export interface SelectionFile extends Selection {
  readonly rules: Rules;
  readonly base: BaseNll;
  /** One-sided error rate of the decision. */
  readonly alpha: number;
  readonly ledger: Ledger;
}

/** Verdicts and choice from the measurements: no tool, milliseconds. */
export const select: StepImplementation = {
  run: async (context) => {
    const params = fromJson(context.spec.params);
    const measured = gather(params, (step, output) => readOptional(context, roleOf(step, output)));
    if (measured === undefined) throw new Error("Internal error: a decision without its first look");
    const { ladder, base, rules, alpha } = measured;
    const evidence = ladder.rungs.map(({ type, bytes }) => ({ ...evidenceOf(context, measured, type, bytes) }));
    const selection = choose({ evidence, pruned: ladder.pruned, base, rules, alpha, scored: params.scored });
    const ledger = readJson(context, "ledger") as Ledger;
    const file: SelectionFile = { ...selection, rules, base, alpha, ledger };
    writeFileSync(context.path("selection"), `${JSON.stringify(file, null, 2)}\n`);
    return Promise.resolve(ok(null));
  },
};

/** The size of the file where it was built; else that of the dry run. */
const evidenceOf = (context: StepContext, { losses }: Measured, type: string, bytes: number): Evidence => {
  const quant = context.inputs.get(roleOf(`quantize/${type}`, "quant"));
  const info = readOptional(context, roleOf(`quantize/${type}`, "info")) as QuantInfo | undefined;
  return { type, bytes: quant?.size ?? bytes, bpw: info?.bpw ?? null, losses: losses.get(type) ?? {} };
};

const readOptional = (context: StepContext, role: string): unknown =>
  context.inputs.has(role) ? readJson(context, role) : undefined;
