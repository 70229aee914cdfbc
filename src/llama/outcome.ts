/**
 * What the output of a tool that exited 0 says about the run. Exit code 0 alone means nothing: llama-perplexity exits
 * 0 on nearly every error, and the last lines of a good run can be lost (llama-cpp.md, facts 1 to 3).
 */
export type Outcome =
  /** All that was asked for is there. */
  | { readonly status: "complete" }
  /** Something is not there and no reason was given: lost at the tool's exit, so another run may be complete. */
  | { readonly status: "incomplete"; readonly missing: string }
  /** The tool said what is wrong; another run would say the same. */
  | { readonly status: "refused"; readonly message: string }
  /** A number is nan or infinite, first in chunk `chunk`, counted from 1: the model is broken on this text. */
  | { readonly status: "not-finite"; readonly chunk: number };

export const complete: Outcome = { status: "complete" };
