import type { Answer } from "../../src/select/answer.ts";
import { answerOf, candidate, tolerance, type Truth } from "./answers.ts";

/** As many candidates as any ladder has, and as many domains as anybody gates. */
export const manyCandidates = (candidates = 60, domains = 4): Answer => {
  const truths = Array.from({ length: candidates }, (_, index): Truth => {
    const loss = 0.0002 * 1.11 ** index;
    return candidate(`Q${index}_K_SOMETHING`, 40 - index * 0.6, { rise: [loss, loss / 2], kld: [2 * loss, loss / 3] });
  });
  return answerOf(truths, {
    mode: "full",
    units: 128,
    tolerances: Array.from({ length: domains }, (_, index) =>
      tolerance({ domain: `domain-${index + 1}`, sameTop: 0.9 }),
    ),
  });
};
