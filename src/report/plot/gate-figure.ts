import { formatBytes } from "../../base/units.ts";
import type { Answer, ReportedCandidate } from "../../select/answer.ts";
import type { Measure } from "../../select/verdict.ts";
import { verdictWords } from "../answer-table.ts";
import { measureWords } from "../gate-words.ts";
import { nothing } from "../quantity.ts";
import { domainVerdict } from "../worst-domain.ts";
import type { Figure } from "./draw.ts";
import { lossFigure, type LossPoint } from "./loss-figure.ts";

/** How a measure is drawn: on the scale that people know, in which a loss of zero is none. */
interface Drawn {
  readonly measure: Measure;
  readonly name: string;
  readonly axis: string;
  /** From the scale on which losses add. */
  readonly shown: (loss: number) => number;
  readonly tick: (shown: number) => string;
}

/** A rise that is no number any more is drawn where the table says `>1e6`. */
const mostPercent = 1e6;

const plain = (value: number): string => String(Number(value.toPrecision(6))).replace("-", "−");

export const drawnMeasures = {
  lnPplRatio: {
    measure: "lnPplRatio",
    name: "Rise of perplexity",
    axis: "rise of perplexity, %",
    shown: (loss) => Math.min(mostPercent, Math.expm1(loss) * 100),
    tick: plain,
  },
  kld: { measure: "kld", name: "KL divergence", axis: "mean KLD, nats a token", shown: (loss) => loss, tick: plain },
  topLoss: {
    measure: "topLoss",
    name: "Lost top tokens",
    axis: "tokens with another top token, %",
    shown: (loss) => loss * 100,
    tick: plain,
  },
} as const satisfies Readonly<Record<Measure, Drawn>>;

/** One measure on one domain, in its own unit; undefined where it decides nothing there. */
export const gateFigure = (answer: Answer, measure: Measure, domain: string, id: string): Figure | undefined => {
  const limit = answer.limits.find((each) => each.domain === domain)?.[measure] ?? null;
  if (limit === null) return undefined;
  const drawn: Drawn = drawnMeasures[measure];
  return lossFigure({
    id,
    width: 500,
    height: 350,
    caption: `${drawn.name} on ${domain} text`,
    pipeline: answer.pipeline,
    description: `${drawn.name} of each candidate by its file size, with its bound and the limit. The table has the same numbers.`,
    points: answer.candidates.map((candidate) => gatePoint(candidate, answer, drawn, domain)),
    limit: drawn.shown(limit),
    limitWords: `limit ${measureWords(answer, domain, { measure, limit }).limit}`,
    axis: drawn.axis,
    tick: drawn.tick,
    chosen: answer.choice?.type,
    refused: answer.refused ?? undefined,
  });
};

const gatePoint = (candidate: ReportedCandidate, answer: Answer, drawn: Drawn, domain: string): LossPoint => {
  const { type, bytes } = candidate;
  const result = candidate.domains.find((each) => each.domain === domain);
  const gate = result?.gates.find(({ measure }) => measure === drawn.measure);
  if (result === undefined || gate === undefined)
    return { type, bytes, verdict: "NOT_TESTED", loss: undefined, words: `${type}: ${formatBytes(bytes)}, ${nothing}` };
  const { mean, lower, upper, verdict } = gate;
  const words = measureWords(answer, domain, gate);
  return {
    type,
    bytes,
    verdict,
    loss: { mean: drawn.shown(mean), lower: drawn.shown(lower), upper: drawn.shown(upper) },
    words: [
      `${type}: ${formatBytes(bytes)}, ${verdictWords(verdict)} here, ${verdictWords(domainVerdict(result))} on ${domain} text`,
      `${words.subject} ${words.verb} ${words.number(mean)}, ${words.side} ${words.number(upper)} (limit ${words.limit})`,
    ].join("\n"),
  };
};
