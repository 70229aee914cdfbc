import leven from "leven";

/** The candidate that `word` was probably meant to be, or undefined when none is close. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter((entry) => entry.distance <= Math.max(1, Math.round(entry.candidate.length * 0.4)))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
};

/** Edits between two words. A word cut short or with letters swapped counts as one edit: people do both. */
const distance = (word: string, candidate: string): number => {
  if (word === candidate) return 0;
  // One letter exchanged in three makes another word: `gpu` is not a slip of `cpu`.
  if (candidate.length <= 3 && word.length === candidate.length && letters(word) !== letters(candidate))
    return Infinity;
  const cut = word.length >= 3 && candidate.startsWith(word);
  return cut || letters(word) === letters(candidate) ? 1 : leven(word, candidate);
};

const letters = (word: string): string => word.split("").sort().join("");

/** `` `a`, `b` and `c` `` */
export const listed = (words: readonly string[], joint: "and" | "or" = "and"): string => {
  const marked = words.map((word) => `\`${word}\``);
  return marked.length < 2 ? marked.join("") : `${marked.slice(0, -1).join(", ")} ${joint} ${marked.at(-1) ?? ""}`;
};

/** The help for a word that is not known: the nearest one, else `otherwise`. */
export const suggestion = (word: string, candidates: readonly string[], otherwise: string): string => {
  const near = nearest(word, candidates);
  return near === undefined ? otherwise : `did you mean \`${near}\`?`;
};

/** At most 40 characters of a text on one line, for a message. */
export const excerpt = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= 40 ? line : `${line.slice(0, 39)}…`;
};
