/**
 * Spreads `counts[i]` times each index as evenly as whole numbers allow: [2, 1] → 0, 1, 0. Every stretch then has the
 * mix of the whole, so that the first look at a holdout sees all its sources.
 */
export const interleave = (counts: readonly number[]): number[] => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const placed = counts.map(() => 0);
  return Array.from({ length: total }, (_, position) => {
    const behind = counts.map((count, index) => ((position + 1) * count) / total - (placed[index] ?? 0));
    const next = behind.indexOf(Math.max(...behind));
    placed[next] = (placed[next] ?? 0) + 1;
    return next;
  });
};
