import { err, ok, type Result } from "../../base/result.ts";
import { checkImatrix, readImatrix } from "../../llama/imatrix-file.ts";
import { checkModel } from "./model-files.ts";
import type { StepContext } from "./step.ts";
import { windowsOf } from "./windows.ts";

/** What an importance matrix covers, as it is written beside it. */
export interface ImatrixInfo {
  /** Weights with data. */
  readonly tensors: number;
  /** Weights of the model's blocks without data. */
  readonly missing: readonly string[];
  /** Weight → experts that no token reached. */
  readonly idleExperts: Readonly<Record<string, number>>;
}

/**
 * Reads a matrix and holds it against the model and the number of tokens that went in: llama-imatrix exits 0 when it
 * could not write its file, and drops tokens without a word.
 */
export const checkImatrixOf = (path: string, context: StepContext): Result<ImatrixInfo, string> => {
  const { context: window } = context.spec.params as unknown as { context: number };
  const model = checkModel(context);
  if (!model.ok) return err(`cannot be checked: the model ${model.error.why}`);
  const matrix = readImatrix(path);
  if (!matrix.ok) return err(matrix.error.why);
  const coverage = checkImatrix(matrix.value, windowsOf(context) * window, model.value);
  if (!coverage.ok) return err(coverage.error.why);
  const { missing, idleExperts } = coverage.value;
  return ok({ tensors: matrix.value.entries.size, missing, idleExperts: Object.fromEntries(idleExperts) });
};
