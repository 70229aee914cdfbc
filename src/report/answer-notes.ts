import type { Answer, ReportedCandidate } from "../select/answer.ts";
import { enumerate, formatCount, formatKld, formatShare, plural } from "./quantity.ts";

/** The word that stands in front of everything when the stated confidence does not hold. */
export const exploratoryMark = "EXPLORATORY";

/** Why the confidence does not hold and what to do about it; undefined when it holds. */
export const exploratorySentence = ({ decision: { ledger, confidence } }: Answer): string | undefined => {
  if (!ledger.exploratory) return undefined;
  const { earlier, spent } = ledger;
  return (
    `the error rate of this holdout was spent by ${plural(earlier.length, "earlier decision")} (${formatShare(spent)} ` +
    `in all), so the stated confidence of ${formatShare(confidence)} does not hold for this one. For an answer that ` +
    "holds, take new text for the holdout, or set planned-reruns before the first decision on it."
  );
};

/** What was decided before on the same text, whose error rates add up with this one's. */
export const ledgerSentence = ({ decision: { ledger } }: Answer): string =>
  `Earlier decisions on this holdout on record: ` +
  (ledger.earlier.length === 0
    ? "none."
    : `${formatCount(ledger.earlier.length)}, which spent ${formatShare(ledger.spent)}.`);

/** How much of the measuring an early decision saved. */
export const costSentence = ({ decision: { cost } }: Answer): string => {
  const saved = cost.all - cost.units;
  const part = formatShare(Math.round((100 * saved) / Math.max(1, cost.all)) / 100);
  return (
    `Measured ${formatCount(cost.units)} of ${plural(cost.all, "unit")} over all candidates` +
    (saved <= 0 ? "." : `: deciding early saved ${part}.`)
  );
};

/** A sentence for each candidate that is in the table without counting, and why. */
export const candidateNotes = (answer: Answer): string[] => {
  const untested = answer.candidates.filter((each) => isBehind(each, answer)).map(({ type }) => type);
  return [
    ...answer.candidates.flatMap(blockedNote),
    // One sentence for all of them: a ladder can have twenty.
    ...(untested.length === 0 ? [] : [untestedNote(untested, answer)]),
    ...answer.candidates.flatMap(prunedNote),
  ];
};

/** The same for one candidate. */
export const notesOf = (candidate: ReportedCandidate, answer: Answer): string[] => [
  ...blockedNote(candidate),
  ...(isBehind(candidate, answer) ? [untestedNote([candidate.type], answer)] : []),
  ...prunedNote(candidate),
];

const blockedNote = ({ type, blockedBy }: ReportedCandidate): string[] =>
  blockedBy === undefined ? [] : [`${type} passed but does not count, because the larger ${blockedBy} did not pass.`];

/** Not left out by rule and not the one that ended the walk itself. */
const isBehind = ({ type, verdict, prunedBy }: ReportedCandidate, { refused }: Answer): boolean =>
  verdict === "NOT_TESTED" && prunedBy === undefined && type !== refused;

const untestedNote = (types: readonly string[], { refused }: Answer): string => {
  const because = refused === null ? "" : `, because the larger ${refused} did not pass`;
  return `${enumerate(types)} ${types.length === 1 ? "was" : "were"} not tested${because}.`;
};

const prunedNote = ({ type, prunedBy }: ReportedCandidate): string[] =>
  prunedBy === undefined
    ? []
    : [`${type} was left out by rule: ${prunedBy.type} is no larger and does better (${prunedBy.source}).`];

/** The 99th percentiles, where the pipeline asks for them. No test stands behind them, and the line says so. */
export const p99Sentence = ({ candidates }: Answer): string | undefined => {
  const known = candidates.flatMap(({ type, p99Kld }) => (p99Kld === undefined ? [] : [{ type, ...p99Kld }]));
  const [first] = known;
  if (first === undefined) return undefined;
  const values = known.map(({ type, value, warn }) => `${type} ${formatKld(value)}${value > warn ? " (!)" : ""}`);
  const over = known.some(({ value, warn }) => value > warn)
    ? `, (!) above ${first.warn}`
    : `, none above ${first.warn}`;
  return `99th percentile of the KLD of single tokens (no error rate${over}): ${values.join(", ")}.`;
};
