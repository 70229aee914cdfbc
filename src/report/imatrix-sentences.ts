import type { Answer, ImatrixFacts } from "../select/answer.ts";
import { plural } from "./quantity.ts";

/** What a reader of the answer must know of its importance matrix; nothing for one that is as it should be. */
export const imatrixSentences = ({ imatrix }: Answer): string[] => {
  const { coverage, imported } = imatrix;
  return [
    ...(imported?.suspect === true
      ? [
          `The imported importance matrix ${imported.file} is so unlike this model (median cosine ` +
            `${imported.likeness.median.toFixed(2)} against two chunks of it) that it may be another model's.`,
        ]
      : []),
    ...coverageSentences(coverage),
  ];
};

const coverageSentences = ({ gate, thin, pinned }: ImatrixFacts["coverage"]): string[] => {
  if (pinned !== null && pinned.weights.length > 0)
    return [
      `Too little calibration text reached ${plural(pinned.weights.length, "weight")}: ${pinned.type} in smaller quants.`,
    ];
  if (gate !== null || thin.length === 0) return [];
  return [
    `No calibration text reached some experts of ${plural(thin.length, "weight")}, or all of them; ` +
      "imatrix.coverage can ask for it.",
  ];
};
