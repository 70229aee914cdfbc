import { unreachable } from "../base/result.ts";
import { formatBytes } from "../base/units.ts";
import type { Answer } from "../select/answer.ts";
import type { Candidate, DomainResult, GateResult } from "../select/choose.ts";
import { measureWords } from "./gate-words.ts";
import { enumerate } from "./quantity.ts";
import { remedies } from "./remedy.ts";
import { domainVerdict } from "./worst-domain.ts";

/** A candidate and why it did not pass: `IQ3_XXS (2.49 MiB), was refused: …`. Ends with a full stop. */
export const refusal = (candidate: Candidate, answer: Answer): string =>
  `${candidate.type} (${formatBytes(candidate.bytes)}), ${verdictSentence(candidate, answer)}`;

/** The same without the name in front. */
export const verdictSentence = (candidate: Candidate, answer: Answer): string => {
  switch (candidate.verdict) {
    case "FAIL":
      return `was refused: ${refusedOn(candidate, answer)}.`;
    case "UNDECIDED":
      return [`is undecided: ${refusedOn(candidate, answer)}.`, ...remedies(candidate, answer)].join(" ");
    case "ERROR":
      return "could not be measured.";
    case "NOT_TESTED":
      return "was not tested.";
    case "PASS":
      return "passed.";
    default:
      return unreachable(candidate.verdict);
  }
};

/** The domains that keep a candidate from passing, each by name where there are several, and those that do not. */
const refusedOn = ({ verdict, domains }: Candidate, answer: Answer): string => {
  const several = answer.tolerances.length > 1;
  const against = domains.filter((domain) => domainVerdict(domain) === verdict);
  const passed = domains.filter((domain) => domainVerdict(domain) === "PASS").map(({ domain }) => domain);
  const missing = answer.tolerances
    .map(({ domain }) => domain)
    .filter((name) => !domains.some((each) => each.domain === name));
  return [
    ...against.map((domain) => `${several ? `on ${domain.domain} text, ` : ""}${domainClause(domain, answer)}`),
    ...(verdict === "UNDECIDED" && missing.length > 0 ? [`it was not measured on ${enumerate(missing)} text`] : []),
    ...(passed.length === 0 ? [] : [`it passed on ${enumerate(passed)} text`]),
  ].join("; ");
};

/** The gates that refuse beside those that passed: often perplexity alone would have let the candidate through. */
const domainClause = (result: DomainResult, answer: Answer): string => {
  const verdict = domainVerdict(result);
  const passed = result.gates.filter((gate) => gate.verdict === "PASS");
  const others = result.gates.filter((gate) => gate.verdict === verdict);
  if (passed.length === 0) return others.map((gate) => alone(gate, result, answer)).join("; ");
  const through = passed.map((gate) => {
    const { subject, side, number, limit } = measureWords(answer, result.domain, gate);
    return `${subject} passed (${side} ${number(gate.upper)}, limit ${limit})`;
  });
  return `${through.join(", ")}, ${others.map((gate) => beside(gate, result, answer)).join(", ")}`;
};

const alone = (gate: GateResult, { domain }: DomainResult, answer: Answer): string => {
  const words = measureWords(answer, domain, gate);
  return `${words.subject} ${words.verb} ${words.number(gate.mean)} (limit ${words.limit}, ${bound(gate, words)})`;
};

const beside = (gate: GateResult, { domain }: DomainResult, answer: Answer): string => {
  const words = measureWords(answer, domain, gate);
  return `${words.subject} did not (${words.number(gate.mean)}, limit ${words.limit}, ${bound(gate, words)})`;
};

/** FAIL is about two standard errors and no confidence; anything else about the bound of the test. */
const bound = (
  { verdict, lower, upper, noisy }: GateResult,
  { side, better, number }: ReturnType<typeof measureWords>,
): string =>
  noisy && verdict !== "FAIL"
    ? "within the noise of the measurement"
    : verdict === "FAIL"
      ? `two standard errors ${better} is still ${number(lower)}`
      : `shown to be ${side} ${number(upper)}`;
