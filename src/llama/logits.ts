import { ok, type Result } from "../base/result.ts";
import { scoredTokens } from "../base/scored-tokens.ts";
import { type FileFlaw, flaw, type OpenBytes, withFile } from "./bytes.ts";

/** The measures of a file of base logits. */
export interface LogitsShape {
  /** n_ctx, tokens */
  readonly context: number;
  /** n_vocab, tokens */
  readonly vocab: number;
  readonly chunks: number;
}

export interface LogitsHeader extends LogitsShape {
  /** `chunks * context` ids, as the text has them: without the BOS that stands in for the first of each window. */
  readonly tokens: Int32Array;
}

const fixedBytes = 20;

/**
 * Exact length of a file of base logits, bytes (tools/perplexity/perplexity.cpp): "_logits_", three int32, the tokens, and
 * for each scored token two floats and one uint16 for each entry of the vocabulary, rounded up to an even number.
 */
export const logitsBytes = ({ context, vocab, chunks }: LogitsShape): number => {
  const record = 2 * (2 * Math.floor((vocab + 1) / 2) + 4);
  return fixedBytes + 4 * chunks * context + chunks * scoredTokens(context) * record;
};

/**
 * Reads the header of a file of base logits and checks its length. Both must be done before the file is used:
 * llama-perplexity goes on with a wrong vocabulary and prints nonsense, and exits 0 if the file is cut short.
 */
export const readLogits = (path: string): Result<LogitsHeader, FileFlaw> => withFile(path, readOpen);

const readOpen = (file: OpenBytes): Result<LogitsHeader, FileFlaw> => {
  const head = file.read(0, fixedBytes);
  if (head === undefined) return flaw(`is ${file.size} bytes long, too short for base logits`);
  if (new TextDecoder().decode(head.subarray(0, 8)) !== "_logits_") return flaw("holds no base logits");
  const shape = shapeOf(new DataView(head.buffer));
  if (shape.context < 2 || shape.vocab < 1 || shape.chunks < 1) return flaw("has a header that cannot be");
  const expected = logitsBytes(shape);
  // The length is compared first, so that the header alone never decides how much is read.
  if (file.size !== expected) return flaw(`is ${file.size} bytes long, but its header asks for ${expected}`);
  const tokens = file.read(fixedBytes, 4 * shape.chunks * shape.context);
  return tokens === undefined ? flaw("cannot be read") : ok({ ...shape, tokens: new Int32Array(tokens.buffer) });
};

const shapeOf = (view: DataView): LogitsShape => ({
  context: view.getInt32(8, true),
  vocab: view.getInt32(12, true),
  chunks: view.getInt32(16, true),
});
