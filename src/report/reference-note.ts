import type { Answer } from "../select/answer.ts";

/** The word that stands in front of an answer that was measured against less than the model itself. */
export const referenceMark = ({ baseline }: Pick<Answer, "baseline">): string =>
  `REFERENCE ${(baseline ?? "model").toUpperCase()}`;

/** What the candidates were held against, where that is not the model as it is. */
export const referenceSentence = ({ baseline }: Pick<Answer, "baseline">): string | undefined => {
  if (baseline === undefined) return undefined;
  if (baseline !== "q8_0") return `the candidates are held against the model in ${baseline.toUpperCase()}`;
  return (
    "the candidates are held against the model in Q8_0 and not in full precision. Q8_0 itself then loses nothing, and every " +
    "other loss is smaller or larger than it is by what Q8_0 loses: about 0.0004 to 0.001 in ln(PPL) (estimated, not measured)."
  );
};
