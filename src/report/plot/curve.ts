import { formatBytes } from "../../base/units.ts";
import type { Answer, ReportedCandidate } from "../../select/answer.ts";
import type { GateResult } from "../../select/choose.ts";
import { verdictWords } from "../answer-table.ts";
import { measureWords } from "../gate-words.ts";
import { formatShare } from "../quantity.ts";
import { worstGate } from "../worst-gate.ts";
import type { Figure } from "./draw.ts";
import { lossFigure, type LossPoint } from "./loss-figure.ts";

/**
 * The curve: size against loss, the loss as a part of what is allowed, of the measure and domain that come nearest to
 * their limit. So one line is the tolerance of all of them; perplexity alone was rejected, because many a candidate is
 * refused for its divergence alone, and would lie below the line.
 */
export const curve = (
  answer: Answer,
  { id, width, height }: Pick<Figure, "id"> & { readonly width: number; readonly height: number },
): Figure =>
  lossFigure({
    id,
    width,
    height,
    caption: `Size against loss`,
    pipeline: answer.pipeline,
    description: description(answer),
    points: answer.candidates.map((candidate) => curvePoint(candidate, answer)),
    limit: 1,
    limitWords: "tolerance",
    axis: "loss, % of what is allowed",
    tick: (loss) => formatShare(loss).replace("-", "−"),
    chosen: answer.choice?.type,
    refused: answer.refused ?? undefined,
  });

/** The worst measure of a candidate as a part of its limit. */
export const curvePoint = (candidate: ReportedCandidate, answer: Answer): LossPoint => {
  const { type, bytes, verdict } = candidate;
  const worst = worstGate(candidate);
  const heading = `${type}: ${formatBytes(bytes)}, ${verdictWords(verdict)}`;
  if (worst === undefined) return { type, bytes, verdict, loss: undefined, words: heading };
  const { gate, domain } = worst;
  const { mean, lower, upper, limit } = gate;
  return {
    type,
    bytes,
    verdict,
    loss: { mean: mean / limit, lower: lower / limit, upper: upper / limit },
    words: [
      heading,
      ...candidate.domains.flatMap((each) => each.gates.map((one) => gateLine(one, each.domain, answer))),
      `nearest to its limit: ${nameOf(gate)} on ${domain} text`,
    ].join("\n"),
  };
};

const nameOf = ({ measure }: GateResult): string =>
  ({ lnPplRatio: "perplexity", kld: "KLD", topLoss: "same top token" })[measure];

const gateLine = (gate: GateResult, domain: string, answer: Answer): string => {
  const { subject, verb, number, limit, side } = measureWords(answer, domain, gate);
  return `${domain}: ${subject} ${verb} ${number(gate.mean)}, ${side} ${number(gate.upper)} (limit ${limit})`;
};

const description = ({ candidates, choice }: Answer): string => {
  const count = (verdict: string): number => candidates.filter((each) => each.verdict === verdict).length;
  return (
    `${candidates.length} candidates by file size and by loss as a part of the tolerance: ${count("PASS")} passed, ` +
    `${count("FAIL")} failed, ${count("UNDECIDED")} undecided, ${count("NOT_TESTED")} not tested. ` +
    (choice === null ? "None was chosen." : `Chosen: ${choice.type}, ${formatBytes(choice.bytes)}.`) +
    " The table of candidates has the same numbers."
  );
};
