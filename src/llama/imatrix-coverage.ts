/** How much text must have reached a weight. */
export interface CoverageGate {
  /** Tokens of each weight, and of each expert of a weight that has experts. */
  readonly minTokens: number;
  /** Part of the experts of a weight that may have fewer, 0 to 1. */
  readonly experts: number;
}

/** A weight, or some of its experts, that too few tokens reached. */
export interface Thin {
  readonly weight: string;
  /** Those experts, from 0; null for a weight without experts. */
  readonly experts: readonly number[] | null;
  /** Experts of the weight; 1 without. */
  readonly of: number;
  /** The fewest tokens of any of them. */
  readonly tokens: number;
}

/** Weight → tokens that reached it, or each of its experts. */
export type Counts = ReadonlyMap<string, ArrayLike<number>>;

/** Tokens over several matrices, added up. */
export const addCounts = (all: readonly Counts[]): ReadonlyMap<string, Float64Array> => {
  const sums = new Map<string, Float64Array>();
  for (const counts of all)
    for (const [name, tokens] of counts) {
      const sum = sums.get(name) ?? new Float64Array(tokens.length);
      sums.set(
        name,
        sum.map((before, index) => before + (tokens[index] ?? 0)),
      );
    }
  return sums;
};

/** Every weight with experts, or itself, below `minTokens`; none of them when that is 0. */
export const findThin = (counts: Counts, minTokens: number): Thin[] =>
  [...counts].flatMap(([weight, tokens]) => {
    const each = Array.from(tokens);
    const below = each.flatMap((count, index) => (count < minTokens ? [index] : []));
    if (below.length === 0) return [];
    const experts = each.length === 1 ? null : below;
    return [{ weight, experts, of: each.length, tokens: Math.min(...below.map((index) => each[index] ?? 0)) }];
  });

/** What of it the gate does not let pass. */
export const findUncovered = (counts: Counts, { minTokens, experts: allowed }: CoverageGate): Thin[] =>
  findThin(counts, minTokens).filter(({ experts, of }) => experts === null || experts.length > allowed * of);
