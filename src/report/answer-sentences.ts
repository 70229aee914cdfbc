import { formatBytes } from "../base/units.ts";
import type { Answer } from "../select/answer.ts";
import type { Candidate, DomainResult } from "../select/choose.ts";
import { measureWords } from "./gate-words.ts";
import { capital, enumerate, formatCount, formatShare, plural } from "./quantity.ts";
import { refusal } from "./refusal.ts";
import { decidedAt, excess, worstDomain } from "./worst-domain.ts";

/** What was chosen and why, or that nothing was. Plain text with names as they are: the caller makes them harmless. */
export const choiceSentence = (answer: Answer): string => {
  const { choice } = answer;
  const chosen = answer.candidates.find(({ type }) => type === choice?.type);
  if (choice === null || chosen === undefined) return nothingPassed(answer);
  return (
    `${choice.type} (${formatBytes(choice.bytes)}, ${shareOf(choice.bytes, answer.model.bytes)} of the full-precision ` +
    `file) was chosen: the smallest type shown to stay within ${toleranceWords(answer)}. ` +
    `${capital(chosen.domains.map((domain) => shown(domain, answer)).join("; "))}. ${errorSentence(answer)}`
  );
};

/** What the next smaller candidate failed on, or that there was none. Undefined when nothing was chosen. */
export const refusedSentence = (answer: Answer): string | undefined => {
  if (answer.choice === null) return undefined;
  const refused = answer.candidates.find(({ type }) => type === answer.refused);
  if (refused !== undefined) return `The next smaller one, ${refusal(refused, answer)}`;
  return answer.candidates.some(({ verdict }) => verdict === "NOT_TESTED")
    ? "No smaller type was refused: every candidate that was tested passed."
    : "No smaller type was tried: every candidate passed.";
};

const nothingPassed = (answer: Answer): string => {
  const closest = closestTo(answer.candidates);
  return (
    `No type was shown to stay within ${toleranceWords(answer)}, with up to ` +
    `${plural(answer.holdout.units, "held-out unit")}${answer.tolerances.length > 1 ? " of each domain" : ""}.` +
    (closest === undefined ? "" : ` The closest, ${refusal(closest, answer)}`)
  );
};

/** The candidate without a PASS whose worst bound is nearest to its limit. */
const closestTo = (candidates: readonly Candidate[]): Candidate | undefined =>
  candidates
    .filter(({ verdict }) => verdict === "FAIL" || verdict === "UNDECIDED")
    .toSorted((a, b) => worstExcess(a) - worstExcess(b))[0];

const worstExcess = (candidate: Candidate): number => {
  const worst = worstDomain(candidate);
  return worst === undefined ? Infinity : excess(worst);
};

/** `the tolerance chat on medical text`, or each domain with its own. */
export const toleranceWords = ({ tolerances: all }: Answer): string => {
  const [first] = all;
  if (first === undefined) return "the tolerance";
  if (all.every(({ name }) => name === first.name))
    return `the tolerance ${first.name} on ${enumerate(all.map(({ domain }) => domain))} text`;
  return `the tolerances ${enumerate(all.map(({ name, domain }) => `${name} on ${domain} text`))}`;
};

/** What was shown of a candidate on a domain; a gate that was decided earlier than the last one says so. */
const shown = (result: DomainResult, answer: Answer): string => {
  const at = decidedAt(result);
  const gates = result.gates.map((gate) => {
    const { subject, verb, side, number, limit } = measureWords(answer, result.domain, gate);
    const earlier = gate.look === at ? "" : `, shown after ${formatCount(gate.look)}`;
    return `${subject} ${verb} ${side} ${number(gate.upper)} (limit ${limit}${earlier})`;
  });
  const place = answer.tolerances.length > 1 ? `on ${result.domain} text, ` : "";
  return `${place}after ${formatCount(at)} of ${plural(answer.holdout.units, "held-out unit")}, ${enumerate(gates)}`;
};

const errorSentence = ({ decision: { alpha, confidence, plannedReruns, ledger } }: Answer): string => {
  if (ledger.exploratory)
    return `The confidence of ${formatShare(confidence)} does not hold, because this decision is exploratory.`;
  const shared = `, as ${formatShare(1 - confidence)} are divided among ${plural(plannedReruns + 1, "planned decision")}`;
  return (
    `At most ${formatShare(alpha)} of such decisions choose a type whose loss reaches a limit` +
    `${plannedReruns === 0 ? "" : shared}.`
  );
};

const shareOf = (bytes: number, whole: number): string => `${((bytes / whole) * 100).toFixed(0)} %`;
