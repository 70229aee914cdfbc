import { ok, type Result } from "../base/result.ts";
import type { FileFlaw } from "./bytes.ts";
import type { ImatrixEntry, OpenImatrix } from "./imatrix-reader.ts";

/** What the activations of one weight look like. Channels are its inputs; experts are taken together by their tokens. */
export interface WeightStatistics {
  readonly weight: string;
  /** Sum over the channels of the mean squared activation. */
  readonly importance: number;
  /** The same of the strongest channel. */
  readonly largest: number;
  /** Part of the channels that were ever active, 0 to 1. */
  readonly active: number;
  /** Entropy of the channels' parts of the sum, over that of equal parts: 1 is even, 0 is a single channel. */
  readonly entropy: number;
  /** Part of the sum that the strongest hundredth of the channels has, at least one of them. */
  readonly concentration: number;
}

/** Mean squared activation of each channel. Zeros for a weight that no token reached. */
export const channelMeans = ({ width, sums, counts }: ImatrixEntry): Float64Array => {
  const means = new Float64Array(width);
  for (let at = 0; at < sums.length; at += width)
    for (let channel = 0; channel < width; channel += 1)
      means[channel] = (means[channel] ?? 0) + (sums[at + channel] ?? 0);
  const tokens = counts.reduce((sum, count) => sum + count, 0);
  if (tokens > 0) for (let channel = 0; channel < width; channel += 1) means[channel] = (means[channel] ?? 0) / tokens;
  return means;
};

export const describeWeight = (weight: string, entry: ImatrixEntry): WeightStatistics => {
  const means = channelMeans(entry);
  const importance = means.reduce((sum, mean) => sum + mean, 0);
  const strongest = means.toSorted().toReversed();
  const top = strongest.subarray(0, Math.ceil(means.length / 100)).reduce((sum, mean) => sum + mean, 0);
  return {
    weight,
    importance,
    largest: strongest[0] ?? 0,
    active: means.filter((mean) => mean > 0).length / means.length,
    entropy: evenness(means, importance),
    concentration: importance === 0 ? 0 : top / importance,
  };
};

const evenness = (means: Float64Array, total: number): number => {
  if (total === 0 || means.length === 1) return 0;
  let entropy = 0;
  for (const mean of means) if (mean > 0) entropy -= (mean / total) * Math.log(mean / total);
  return entropy / Math.log(means.length);
};

/** Of every weight, in the order of the file. */
export const describeImatrix = ({ shapes, entry }: OpenImatrix): Result<WeightStatistics[], FileFlaw> => {
  const all: WeightStatistics[] = [];
  for (const name of shapes.keys()) {
    const read = entry(name);
    if (!read.ok) return read;
    all.push(describeWeight(name, read.value));
  }
  return ok(all);
};

/** How alike two matrices are: cosines of the channels' mean squared activations, over the weights that both have. */
export interface Likeness {
  /** Weights that both have. */
  readonly weights: number;
  readonly median: number;
  readonly least: number;
}

export const compareImatrices = (a: OpenImatrix, b: OpenImatrix): Result<Likeness, FileFlaw> => {
  const cosines: number[] = [];
  for (const [name, { width }] of a.shapes) {
    if (b.shapes.get(name)?.width !== width) continue;
    const [one, other] = [a.entry(name), b.entry(name)];
    if (!one.ok) return one;
    if (!other.ok) return other;
    cosines.push(cosine(channelMeans(one.value), channelMeans(other.value)));
  }
  cosines.sort((x, y) => x - y);
  return ok({ weights: cosines.length, median: cosines[cosines.length >> 1] ?? 0, least: cosines[0] ?? 0 });
};

/** 0 where one of them is nothing but zeros. */
const cosine = (a: Float64Array, b: Float64Array): number => {
  let [both, first, second] = [0, 0, 0];
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? 0;
    both += left * right;
    first += left * left;
    second += right * right;
  }
  return both === 0 ? 0 : both / Math.sqrt(first * second);
};
