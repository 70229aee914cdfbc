import { formatBytes } from "../base/units.ts";
import type { Answer, ReportedCandidate } from "../select/answer.ts";
import type { DomainResult, GateResult } from "../select/choose.ts";
import type { Look } from "../select/gate.ts";
import { notesOf } from "./answer-notes.ts";
import { choiceSentence } from "./answer-sentences.ts";
import { verdictSentence } from "./refusal.ts";
import { candidateFit } from "./fit/answer-fit.ts";
import { noiseOf } from "./remedy.ts";
import { binsOf, spreadOf, type Bin, type Spread } from "./spread.ts";
import { decidedAt, domainVerdict } from "./worst-domain.ts";

/** Everything that is known of one candidate; `explain --json` prints it as it is. */
export interface Explanation extends Pick<ReportedCandidate, "type" | "bytes" | "bpw" | "sha256" | "verdict"> {
  readonly pipeline: string;
  readonly chosen: boolean;
  /** The stated confidence does not hold, see `decision.ledger` of the report. */
  readonly exploratory: boolean;
  /** What it was held against, where that is not the model as it is. */
  readonly baseline?: NonNullable<Answer["baseline"]>;
  /** Sentences. */
  readonly why: readonly string[];
  readonly domains: readonly ExplainedDomain[];
}

export interface ExplainedDomain extends Pick<DomainResult, "domain" | "ppl" | "basePpl" | "designEffect"> {
  readonly verdict: GateResult["verdict"];
  /** Units after which it was decided, that were measured, and that the holdout has. */
  readonly units: { readonly decided: number; readonly measured: number; readonly holdout: number };
  readonly gates: readonly ExplainedGate[];
  /** ln(PPL ratio) of the measured units. */
  readonly histogram: readonly Bin[];
}

export interface ExplainedGate extends Omit<GateResult, "looks"> {
  readonly looks: readonly (Look & { readonly critical: number | null })[];
  /** What the full-precision model measures against itself. */
  readonly noise: number | null;
  /** With which other limit the verdict would have been another one, on the same measurements. */
  readonly turn: Turn;
  /** Over the measured units. */
  readonly spread: Spread;
}

/** PASS turns at `limit` and below it, anything else above it. */
export interface Turn {
  readonly limit: number;
  /** The look that says so. */
  readonly units: number;
}

/** Explains a candidate of an answer. */
export const explanationOf = (candidate: ReportedCandidate, answer: Answer): Explanation => {
  const { type, bytes, bpw, sha256, verdict } = candidate;
  return {
    pipeline: answer.pipeline,
    type,
    bytes,
    bpw,
    sha256,
    verdict,
    chosen: type === answer.choice?.type,
    ...(answer.baseline === undefined ? {} : { baseline: answer.baseline }),
    exploratory: answer.decision.ledger.exploratory,
    why: [...whyOf(candidate, answer), ...(answer.fit === undefined ? [] : candidateFit(answer.fit, type))],
    domains: candidate.domains.map((domain) => explainDomain(domain, answer)),
  };
};

const whyOf = (candidate: ReportedCandidate, answer: Answer): string[] => {
  const { type, bytes, verdict } = candidate;
  if (type === answer.choice?.type) return [choiceSentence(answer)];
  const notes = notesOf(candidate, answer);
  if (notes.length > 0) return notes;
  const smaller = verdict === "PASS" && answer.choice !== null ? [`The smaller ${answer.choice.type} passed too.`] : [];
  return [`${type} (${formatBytes(bytes)}) ${verdictSentence(candidate, answer)}`, ...smaller];
};

const explainDomain = (result: DomainResult, answer: Answer): ExplainedDomain => ({
  domain: result.domain,
  verdict: domainVerdict(result),
  units: { decided: decidedAt(result), measured: result.units, holdout: answer.holdout.units },
  ppl: result.ppl,
  basePpl: result.basePpl,
  designEffect: result.designEffect,
  gates: result.gates.map((gate) => explainGate(gate, result, answer)),
  histogram: binsOf(result.losses.lnPplRatio, 8),
});

const explainGate = (gate: GateResult, { domain, losses }: DomainResult, answer: Answer): ExplainedGate => {
  const noise = noiseOf(answer, domain, gate) ?? null;
  const criticals = new Map(answer.decision.looks.map(({ units, critical }) => [units, critical]));
  return {
    ...gate,
    looks: gate.looks.map((look) => ({ ...look, critical: criticals.get(look.units) ?? null })),
    noise,
    turn: turnOf(gate, noise),
    spread: spreadOf(losses[gate.measure]),
  };
};

/**
 * A look passes when the limit is above its bound, and a limit above the one that was set refuses no earlier look: so the
 * least bound of all looks is the least limit that would have done. Below what was set, earlier looks pass no more than
 * they did, and the bound of the look that passed is what counts.
 */
const turnOf = ({ verdict, looks, upper, look }: GateResult, noise: number | null): Turn => {
  if (verdict === "PASS") return { limit: upper, units: look };
  const least = looks.reduce((best, each) => (each.upper < best.upper ? each : best), { upper, units: look });
  return { limit: Math.max(least.upper, noise ?? 0), units: least.units };
};
