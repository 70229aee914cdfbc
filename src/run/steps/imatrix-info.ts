import { writeFileSync } from "node:fs";
import { err, ok, type Result } from "../../base/result.ts";
import { checkGguf, type Gguf } from "../../llama/gguf.ts";
import { addCounts, findThin, findUncovered, type CoverageGate, type Counts } from "../../llama/imatrix-coverage.ts";
import { readCounts, weightNames } from "../../llama/imatrix-file.ts";
import { withImatrices, withImatrix } from "../../llama/imatrix-reader.ts";
import { describeImatrix } from "../../llama/imatrix-statistics.ts";
import type { ImatrixFacts, ImportantWeight, ImportedMatrix } from "../../select/answer.ts";
import type { StepContext } from "./step.ts";

/** What a pipeline asks of its matrix, as it stands in the parameters of the step that finishes it. */
export interface CoverageParams {
  readonly gate: CoverageGate | null;
  readonly pin: string | null;
}

/** Weights that are pinned, as quantization reads them. */
export interface Pins {
  readonly type: string;
  readonly weights: readonly string[];
}

export interface Finished {
  /** Tokens that reached each weight, as they were counted and not as they weigh. */
  readonly counts: Counts;
  /** Sources that gave more text, and how many windows; null where the pipeline asks for none. */
  readonly added: readonly { readonly id: string; readonly chunks: number }[] | null;
  readonly imported: ImportedMatrix | null;
}

/** How many of the most important weights are named. */
const mostNamed = 10;

/** Holds a finished matrix against the gate, and writes down what it covers and which weights are pinned. */
export const finish = (context: StepContext, { counts, added, imported }: Finished): Result<null> => {
  const { gate, pin } = context.spec.params as unknown as CoverageParams;
  const model = checkGguf(context.input("model.gguf").path);
  if (!model.ok) return err({ reason: "model-unusable", file: "model.gguf", why: `it ${model.error.why}` });
  const uncovered = gate === null ? [] : findUncovered(counts, gate);
  if (gate !== null && pin === null && uncovered.length > 0) {
    const topUp = added === null ? {} : { topUp: added.reduce((sum, { chunks }) => sum + chunks, 0) };
    const asked = { minTokens: gate.minTokens, allowed: gate.experts };
    return err({ reason: "imatrix-uncovered", step: context.spec.id, ...asked, weights: uncovered, ...topUp });
  }
  const important = mostImportant(context);
  if (!important.ok) return important;
  const { missing, outside } = withoutData(model.value, counts);
  const pinned: Pins | null =
    pin === null ? null : { type: pin, weights: [...uncovered.map(({ weight }) => weight), ...missing] };
  const coverage = {
    weights: counts.size,
    fewest: fewestOf(counts),
    missing,
    outside,
    gate,
    thin: findThin(counts, gate?.minTokens ?? 1),
    topUp: added === null ? null : { outcome: outcomeOf(added.length > 0, uncovered.length > 0), sources: added },
    pinned,
  };
  const facts: ImatrixFacts = { coverage, important: important.value, imported };
  writeFileSync(context.path("info"), `${JSON.stringify(facts)}\n`);
  if (pinned !== null) writeFileSync(context.path("pins"), `${JSON.stringify(pinned)}\n`);
  return ok(null);
};

const outcomeOf = (given: boolean, lacking: boolean): "not-needed" | "covered" | "exhausted" => {
  if (lacking) return "exhausted";
  return given ? "covered" : "not-needed";
};

const fewestOf = (counts: Counts): number => {
  let fewest = Infinity;
  for (const tokens of counts.values())
    for (let at = 0; at < tokens.length; at += 1) fewest = Math.min(fewest, tokens[at] ?? 0);
  return fewest;
};

const withoutData = (model: Gguf, counts: Counts): { missing: string[]; outside: string[] } => ({
  missing: weightNames(model).filter((name) => !counts.has(name)),
  outside: model.tensors
    .filter(({ name, dims }) => !name.startsWith("blk.") && (dims[1] ?? 1) > 1)
    .map(({ name }) => name)
    .filter((name) => !counts.has(name)),
});

const mostImportant = (context: StepContext): Result<ImportantWeight[]> => {
  const all = withImatrix(context.path("imatrix"), describeImatrix);
  if (!all.ok) return err(invalid(context, all.error.why));
  const sorted = all.value.sort((a, b) => b.importance - a.importance);
  return ok(
    sorted.slice(0, mostNamed).map(({ weight, importance, entropy, concentration }) => ({
      weight,
      importance,
      entropy,
      concentration,
    })),
  );
};

export const invalid = (context: StepContext, why: string) =>
  ({ reason: "artifact-invalid", step: context.spec.id, output: "imatrix", why }) as const;

/** Tokens that reached each weight, over several matrices. */
export const countsIn = (context: StepContext, paths: readonly string[]): Result<Counts> => {
  const counts = withImatrices<Counts>(paths, (matrices) => {
    const all: Counts[] = [];
    for (const matrix of matrices) {
      const read = readCounts(matrix);
      if (!read.ok) return read;
      all.push(read.value);
    }
    return ok(addCounts(all));
  });
  return counts.ok ? counts : err(invalid(context, counts.error.why));
};
