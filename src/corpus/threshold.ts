/**
 * The Jaccard similarity from which on two documents are near duplicates: 4/5, reckoned in whole numbers, because
 * 0.8 × n is not always what it should be. In what follows n and m are the sizes of two sets that have o in common, so
 * that their similarity is o / (n + m − o).
 */
export const threshold = 0.8;

/** The fewest that two sets must have in common: 5 o ≥ 4 (n + m − o). */
export const leastShared = (n: number, m: number): number => Math.ceil((4 * (n + m)) / 9);

/** Whether sets that differ in this many members can reach the threshold: n + m − 2 o ≤ (n + m) / 9. */
export const mayDiffer = (differing: number, n: number, m: number): boolean => 9 * differing <= n + m;

/**
 * How many of the first members of a set, in any order that is the same for all sets, include the first one that it has
 * in common with a similar one: n − ⌈4 n / 5⌉ + 1. The union has n members at least, so o ≥ 4 n / 5, and all that is in
 * common stands at the first common member or behind it: at most n − o members stand before it.
 */
export const prefixLength = (n: number): number => Math.floor(n / 5) + 1;
