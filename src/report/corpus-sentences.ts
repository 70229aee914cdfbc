import type { CorpusFacts } from "../select/answer.ts";
import { formatCount, plural } from "./quantity.ts";

/** Whether held-out text had been seen before. */
export const overlapSentence = ({ overlap: { words, checked, dropped, exempt } }: CorpusFacts): string =>
  `Overlap: of ${plural(checked, "held-out document")}, ${formatCount(dropped)} shared a run of ${words} words with text that may ` +
  `calibrate and ${dropped === 1 ? "was" : "were"} dropped` +
  (exempt === 0 ? "." : `; ${plural(exempt, "run")} were left out as boilerplate.`);

/** Units with much text of a neighbour; undefined when there is none. */
export const foreignSentence = ({ foreignUnits }: CorpusFacts): string | undefined =>
  foreignUnits === 0
    ? undefined
    : `${plural(foreignUnits, "unit")} of the holdout got more than 5 % of its tokens from a neighbour.`;
