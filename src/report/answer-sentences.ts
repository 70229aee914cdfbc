import { unreachable } from "../base/result.ts";
import { formatBytes } from "../base/units.ts";
import type { Answer, ReportedCandidate } from "../select/answer.ts";
import type { Estimate } from "../select/choose.ts";
import { against, formatCount, formatKld, formatRise, formatShare } from "./quantity.ts";

/** What was chosen and why, or that nothing was. Plain text with names as they are: the caller makes them harmless. */
export const choiceSentence = (answer: Answer): string => {
  const { choice, holdout } = answer;
  const chosen = answer.candidates.find(({ type }) => type === choice?.type);
  if (choice === null || chosen === undefined) return nothingPassed(answer);
  return (
    `${choice.type} (${formatBytes(choice.bytes)}, ${shareOf(choice.bytes, answer.model.bytes)} of the full-precision ` +
    `file) was chosen: the smallest type shown to stay within the tolerance ${answer.tolerance.name}. On ` +
    `${formatCount(holdout.units)} held-out units of ${holdout.domain} text, at ` +
    `${formatShare(answer.tolerance.confidence)} confidence, perplexity rises by at most ` +
    `${risePercent(chosen.lnPplRatio.upper, chosen.lnPplRatio.limit)} (limit ${formatShare(answer.tolerance.ppl)}) and ` +
    `mean KLD is at most ${kldText(chosen.kld.upper, chosen.kld.limit)} (limit ${answer.tolerance.kld}).`
  );
};

/** What the next smaller candidate failed on, or that there was none. Undefined when nothing was chosen. */
export const refusedSentence = (answer: Answer): string | undefined => {
  if (answer.choice === null) return undefined;
  const refused = answer.candidates.find(({ type }) => type === answer.refused);
  if (refused === undefined) return "No smaller type was tried: every candidate passed.";
  return `The next smaller one, ${refusal(refused, answer)}`;
};

const nothingPassed = (answer: Answer): string => {
  const { tolerance, holdout } = answer;
  const closest = closestTo(answer.candidates);
  return (
    `No type was shown to stay within the tolerance ${tolerance.name} on ${formatCount(holdout.units)} held-out units ` +
    `of ${holdout.domain} text.${closest === undefined ? "" : ` The closest, ${refusal(closest, answer)}`}`
  );
};

/** How far the worse bound is from its limit, as a ratio. */
const excess = ({ lnPplRatio, kld }: ReportedCandidate): number =>
  Math.max(lnPplRatio.upper / lnPplRatio.limit, kld.upper / kld.limit);

/** The candidate without a PASS whose worse bound is nearest to its limit. */
const closestTo = (candidates: readonly ReportedCandidate[]): ReportedCandidate | undefined => {
  return candidates
    .filter(({ verdict }) => verdict === "FAIL" || verdict === "UNDECIDED")
    .toSorted((a, b) => excess(a) - excess(b))[0];
};

const refusal = (candidate: ReportedCandidate, answer: Answer): string => {
  const name = `${candidate.type} (${formatBytes(candidate.bytes)})`;
  switch (candidate.verdict) {
    case "FAIL":
      return `${name}, was refused: ${failedGates(candidate, answer)}.`;
    case "UNDECIDED":
      return `${name}, is undecided: ${undecidedGates(candidate, answer)}. More units of text could decide it.`;
    case "ERROR":
      return `${name}, could not be measured.`;
    case "NOT_TESTED":
      return `${name}, was not tested.`;
    case "PASS":
      return `${name}, passed.`;
    default:
      return unreachable(candidate.verdict);
  }
};

const failedGates = (candidate: ReportedCandidate, answer: Answer): string =>
  gates(candidate, answer)
    .filter(({ estimate }) => estimate.verdict === "FAIL")
    .map(
      ({ subject, verb, estimate, number, limit }) =>
        `${subject} ${verb} at least ${number(estimate.lower, estimate.limit)} (${confidence(answer)}), limit ${limit}`,
    )
    .join("; ");

const undecidedGates = (candidate: ReportedCandidate, answer: Answer): string =>
  gates(candidate, answer)
    .filter(({ estimate }) => estimate.verdict === "UNDECIDED")
    .map(
      ({ subject, verb, estimate, number, limit }) =>
        `${subject} ${verb} at most ${number(estimate.upper, estimate.limit)} (${confidence(answer)}), limit ${limit}, ` +
        `and at least ${number(estimate.lower, estimate.limit)}`,
    )
    .join("; ");

interface GateWords {
  readonly subject: string;
  readonly verb: string;
  readonly estimate: Estimate;
  readonly number: (value: number, limit: number) => string;
  readonly limit: string;
}

const gates = (candidate: ReportedCandidate, { tolerance }: Answer): GateWords[] => [
  {
    subject: "perplexity",
    verb: "rises by",
    estimate: candidate.lnPplRatio,
    number: risePercent,
    limit: formatShare(tolerance.ppl),
  },
  { subject: "mean KLD", verb: "is", estimate: candidate.kld, number: kldText, limit: String(tolerance.kld) },
];

const confidence = ({ tolerance }: Answer): string => formatShare(tolerance.confidence);

const risePercent = (value: number, limit: number): string =>
  `${against(value, limit, formatRise, 2).replace("+", "")} %`;

const kldText = (value: number, limit: number): string => against(value, limit, formatKld, 4);

const shareOf = (bytes: number, whole: number): string => `${((bytes / whole) * 100).toFixed(0)} %`;
