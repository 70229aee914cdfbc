import { referenceWords } from "./reference-words.ts";

/** Shingles of 5 words as strings; all words of a shorter text. */
export const shingleSet = (text: string): Set<string> => {
  const words = referenceWords(text);
  if (words.length === 0) return new Set();
  return new Set(words.length < 5 ? [words.join(" ")] : runs(words, 5));
};

/** All runs of `length` words. */
export const runs = (words: readonly string[], length: number): string[] =>
  Array.from({ length: Math.max(0, words.length - length + 1) }, (_, at) => words.slice(at, at + length).join(" "));

/** Exact Jaccard similarity of all pairs that share a shingle, by `pairKey`. */
export const allPairs = (texts: readonly string[]): Map<number, number> => {
  const having = new Map<string, number[]>();
  const sizes: number[] = [];
  const pairs = new Map<number, number>();
  for (const [id, text] of texts.entries()) {
    const set = shingleSet(text);
    sizes.push(set.size);
    const shared = new Map<number, number>();
    for (const shingle of set) {
      const earlier = having.get(shingle) ?? [];
      for (const other of earlier) shared.set(other, (shared.get(other) ?? 0) + 1);
      having.set(shingle, [...earlier, id]);
    }
    for (const [other, count] of shared)
      pairs.set(pairKey(other, id), count / (set.size + (sizes[other] ?? 0) - count));
  }
  return pairs;
};

export const pairKey = (earlier: number, later: number): number => later * 2 ** 20 + earlier;

export const pairOf = (key: number): [number, number] => [key % 2 ** 20, Math.floor(key / 2 ** 20)];

/** The smallest id of each document's component in the graph of pairs that reach a similarity of 0.8. */
export const smallestConnected = (count: number, pairs: ReadonlyMap<number, number>): number[] => {
  const smallest = Array.from({ length: count }, (_, id) => id);
  const edges = [...pairs].filter(([, jaccard]) => jaccard >= 0.8).map(([key]) => pairOf(key));
  for (let changed = true; changed;) {
    changed = false;
    for (const [one, two] of edges) {
      const least = Math.min(smallest[one] ?? one, smallest[two] ?? two);
      if (smallest[one] === least && smallest[two] === least) continue;
      smallest[one] = smallest[two] = least;
      changed = true;
    }
  }
  return smallest;
};
