/** Consecutive windows of a text that one run of a tool goes through. */
export interface Range {
  /** Windows before it. */
  readonly from: number;
  readonly chunks: number;
}

/**
 * Windows in a range, and ranges in a text. A run of llama-imatrix costs its start (loading the model, tokenizing the
 * whole text) before the first window, about as long as two to five windows take; a kill costs what the range has done.
 * So a range has at least sixteen windows, where starting costs little against computing, and a text at most sixteen
 * ranges, so that a kill never costs more than a sixteenth of a long one.
 */
const fewestWindows = 16;
const mostRanges = 16;

/**
 * Cuts the windows of a text into ranges of equal length but for one window. It depends on their number alone, and fewer
 * windows never make more ranges. The last range has all three windows that the tool insists on after `--chunk`.
 */
export const rangesOf = (chunks: number): Range[] => {
  const count = Math.min(mostRanges, Math.max(1, Math.floor(chunks / fewestWindows)));
  const start = (index: number): number => Math.floor((chunks * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    from: start(index),
    chunks: start(index + 1) - start(index),
  }));
};

/** Most rounds in which each source gives more text where too little reached a weight, */
export const topUpRounds = 8;
/** and the windows that it has for them. */
export const topUpWindows = topUpRounds * fewestWindows;
