/** How units of text differ, in five numbers. */
export interface Spread {
  readonly units: number;
  readonly smallest: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly largest: number;
}

/** The five numbers; quartiles lie between neighbours where no unit is exactly there. @param values at least one */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    units: sorted.length,
    smallest: quantile(sorted, 0),
    lowerQuartile: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    upperQuartile: quantile(sorted, 0.75),
    largest: quantile(sorted, 1),
  };
};

const quantile = (sorted: readonly number[], part: number): number => {
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new Error("Internal error: quantile of nothing");
  return below + (above - below) * (place - Math.floor(place));
};

/** A stretch of values and how many units lie in it; the last one holds its end too. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly units: number;
}

/** Values in at most `most` stretches of equal width; one stretch when all are equal. */
export const binsOf = (values: readonly number[], most: number): Bin[] => {
  const { smallest: from, largest: to } = spreadOf(values);
  const count = to > from ? most : 1;
  const width = (to - from) / count;
  const counts = Array.from({ length: count }, () => 0);
  for (const value of values) {
    const index = width === 0 ? 0 : Math.min(count - 1, Math.floor((value - from) / width));
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts.map((units, index) => ({ from: from + index * width, to: from + (index + 1) * width, units }));
};
