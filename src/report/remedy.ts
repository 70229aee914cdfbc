import type { Answer } from "../select/answer.ts";
import type { Candidate, DomainResult, GateResult } from "../select/choose.ts";
import { measureWords } from "./gate-words.ts";
import { formatCount } from "./quantity.ts";

/** What would decide an undecided candidate, or why no amount of text is expected to; a sentence for each cause. */
export const remedies = (candidate: Candidate, answer: Answer): string[] => {
  const open = candidate.domains.flatMap((domain) =>
    domain.gates.filter(({ verdict }) => verdict === "UNDECIDED").map((gate) => ({ domain, gate })),
  );
  const noisy = open.filter(({ gate }) => gate.noisy);
  if (noisy.length > 0) return noisy.map(({ domain, gate }) => noiseSentence(domain, gate, answer));
  const hopeless = open.filter(({ gate }) => gate.needed === null);
  if (hopeless.length > 0) return hopeless.map(({ domain, gate }) => hopelessSentence(domain, gate, answer));
  const needed = Math.max(...open.map(({ gate }) => gate.needed ?? 0));
  return open.length === 0 ? [] : [moreSentence(candidate, needed, answer)];
};

const noiseSentence = ({ domain }: DomainResult, gate: GateResult, answer: Answer): string => {
  const { subject, limit, number } = measureWords(answer, domain, gate);
  const noise = noiseOf(answer, domain, gate);
  const value = noise === undefined ? "" : ` (${number(noise)})`;
  // An absolute rise that came out as less than a pipeline file may ask for.
  if (noise !== undefined && noise < gate.limit)
    return `The limit of ${subject}${of(domain, answer)}, ${limit}, is less than can be told from rounding: no amount of text can show it.`;
  return (
    `The limit of ${subject}${of(domain, answer)}, ${limit}, lies ${gate.measure === "topLoss" ? "above" : "below"} what the ` +
    `full-precision model measures against itself${value}: no amount of text can show it.`
  );
};

/** What the full-precision model measures against itself. */
export const noiseOf = (answer: Answer, domain: string, { measure }: GateResult): number | undefined =>
  answer.holdout.domains.find((each) => each.domain === domain)?.noise[measure];

const hopelessSentence = ({ domain }: DomainResult, gate: GateResult, answer: Answer): string => {
  const { subject, better } = measureWords(answer, domain, gate);
  const side = better === "lower" ? "below" : "above";
  return (
    `In the mean, ${subject}${of(domain, answer)} does not stay ${side} its limit: more text is not expected to let it ` +
    "pass."
  );
};

const of = (domain: string, { tolerances }: Answer): string => (tolerances.length > 1 ? ` on ${domain} text` : "");

const moreSentence = (candidate: Candidate, needed: number, answer: Answer): string => {
  const { units } = answer.holdout;
  const each = answer.tolerances.length > 1 ? " of each domain" : "";
  const measured = Math.min(...candidate.domains.map((domain) => domain.units));
  const about = `About ${formatNeeded(needed)} units${each} would probably decide it`;
  if (measured < units)
    return `${about}; ${formatCount(measured)} of ${formatCount(units)} were measured${because(candidate, answer)}.`;
  // Fewer than there are would mostly have done; this time they did not.
  return needed > units
    ? `${about}; the holdout has ${formatCount(units)}.`
    : `Somewhat more than the ${formatCount(units)} units of the holdout${each} would probably decide it.`;
};

/** Why a candidate that is not decided was not measured to the end. */
const because = (candidate: Candidate, answer: Answer): string => {
  if (candidate.verdict === "FAIL") return ", because another limit had refused it by then";
  const failed = largerFailed(candidate, answer);
  return failed === undefined ? "" : `, because the larger ${failed} had failed`;
};

/** With two digits: it is an extrapolation. Upwards, so that it is not too few. */
const formatNeeded = (units: number): string => {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, units))) - 1);
  return formatCount(Math.ceil(units / step) * step);
};

/** The larger candidate whose failure made further looks at this one needless. */
const largerFailed = ({ type }: Candidate, { candidates }: Answer): string | undefined => {
  const own = candidates.findIndex((each) => each.type === type);
  return candidates.slice(0, Math.max(0, own)).find(({ verdict }) => verdict === "FAIL")?.type;
};
