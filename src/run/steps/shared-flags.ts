import { roleOf, type DecisionParams } from "../../plan/decision-steps.ts";
import type { ToolCommand } from "../context.ts";
import { readJson } from "./read-json.ts";
import type { StepContext } from "./step.ts";

/** Flags that name files or what is written to them, with their values; every run has its own. */
const own = new Set(["-m", "-f", "--kl-divergence-base", "--ppl-output-type", "--chunks"]);
const ownSwitches = new Set(["--kl-divergence"]);

/**
 * The flags that all measurements were made with. A difference between the full-precision model and a candidate would
 * be taken for a loss, so one is a bug that ends the run.
 */
export const sharedFlags = (context: StepContext, { shards, types }: DecisionParams): readonly string[] => {
  const steps = shards.flatMap(({ number }) => [
    `baseline/${number}`,
    `noise/${number}`,
    ...types.map((type) => `validate/${type}/${number}`),
  ]);
  const roles = steps.map((step) => roleOf(step, "command")).filter((role) => context.inputs.has(role));
  const all = roles.map((role) => flagsOf((readJson(context, role) as ToolCommand).argv));
  const [first = []] = all;
  const odd = all.findIndex((flags) => flags.join(" ") !== first.join(" "));
  if (odd !== -1) throw new Error(`Internal error: ${roles[odd] ?? ""} was measured with other flags`);
  return first;
};

const flagsOf = (argv: readonly string[]): string[] =>
  argv.filter((word, index) => !own.has(word) && !ownSwitches.has(word) && !own.has(argv[index - 1] ?? ""));
