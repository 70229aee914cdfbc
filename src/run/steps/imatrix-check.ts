import { err, ok, type Result } from "../../base/result.ts";
import { checkGguf } from "../../llama/gguf.ts";
import { checkImatrix } from "../../llama/imatrix-file.ts";
import { withImatrix } from "../../llama/imatrix-reader.ts";
import type { StepContext } from "./step.ts";

/**
 * Reads a matrix and holds it against the model and the number of tokens that went in: llama-imatrix exits 0 when it
 * could not write its file, and drops tokens without a word.
 */
export const checkImatrixOf = (path: string, context: StepContext, tokens: number): Result<null, string> => {
  const model = checkGguf(context.input("model.gguf").path);
  if (!model.ok) return err(`cannot be checked: the model ${model.error.why}`);
  const checked = withImatrix(path, (matrix) => checkImatrix(matrix, tokens, model.value));
  return checked.ok ? ok(null) : err(checked.error.why);
};
