import { formatBytes } from "../../base/units.ts";
import type { Answer, ReportedCandidate } from "../../select/answer.ts";
import type { DomainResult, GateResult } from "../../select/choose.ts";
import { exploratoryMark, exploratorySentence } from "../answer-notes.ts";
import { toleranceWords } from "../answer-sentences.ts";
import { measureWords } from "../gate-words.ts";
import { formatCount, formatDecimalBytes, formatShare } from "../quantity.ts";
import { decidedAt, worstDomain } from "../worst-domain.ts";
import { markup, type Content, type Markup } from "./markup.ts";
import { derived, numberAt } from "./number.ts";

/** The head of the page: what was chosen, in one sentence and a handful of numbers. */
export const answerHead = (answer: Answer): Markup => markup`
<header>
<p class="kicker">${answer.pipeline}</p>
${exploratory(answer)}
<h1>${answer.choice === null ? "No quant passed" : answer.choice.type}${badge(answer)}</h1>
<p class="lead">${leadSentence(answer)}</p>
<dl class="facts">${facts(answer)}</dl>
${file(answer)}
</header>`;

/** The answer for somebody who reads nothing else. */
export const leadSentence = (answer: Answer): string =>
  answer.choice === null
    ? `No type was shown to stay within ${toleranceWords(answer)}.`
    : `${answer.choice.type} is the smallest type shown to stay within ${toleranceWords(answer)}.`;

const exploratory = (answer: Answer): Markup => {
  const sentence = exploratorySentence(answer);
  return sentence === undefined
    ? markup``
    : markup`<p class="warning"><strong>${exploratoryMark}</strong>: ${sentence}</p>`;
};

const badge = ({ choice, decision }: Answer): Markup => {
  const words = decision.ledger.exploratory ? "exploratory" : choice === null ? "✗ refused" : "✓ certified";
  const kind = decision.ledger.exploratory ? "undecided" : choice === null ? "fail" : "pass";
  return markup` <span class="badge ${kind}">${words}</span>`;
};

const file = ({ choice }: Answer): Markup =>
  choice === null
    ? markup``
    : markup`<p class="file"><code>${choice.file}</code> <span class="quiet">SHA-256</span> <code class="digest">${choice.sha256}</code></p>`;

const facts = (answer: Answer): Content[] => {
  const { choice } = answer;
  const index = answer.candidates.findIndex(({ type }) => type === choice?.type);
  const chosen = answer.candidates[index];
  return [
    ...(choice === null ? [] : sizeFacts(answer, choice)),
    ...(chosen === undefined ? [] : boundFacts(answer, chosen, index)),
    fact("Error rate", errorRate(answer), "of such decisions"),
  ];
};

const fact = (name: string, value: Content, note: Content): Markup =>
  markup`<div><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>`;

const sizeFacts = ({ model, ...answer }: Answer, choice: NonNullable<Answer["choice"]>): Markup[] => {
  const saved = model.bytes - choice.bytes;
  const part = formatShare(Math.round((100 * saved) / model.bytes) / 100).replace("-", "−");
  return [
    fact(
      "File size",
      numberAt({ model, ...answer }, ["choice", "bytes"], formatBytes),
      `${formatBytes(model.bytes)} at full precision`,
    ),
    fact(
      "Saved",
      derived(formatDecimalBytes(saved), saved, "model.bytes − choice.bytes"),
      `${part} of the full-precision file`,
    ),
  ];
};

/** The bounds on the domain that comes nearest to its limits. */
const boundFacts = (answer: Answer, chosen: ReportedCandidate, index: number): Markup[] => {
  const worst = worstDomain(chosen);
  if (worst === undefined) return [];
  const path = ["candidates", index, "domains", chosen.domains.indexOf(worst)];
  return [
    ...worst.gates.map((gate, place) => boundFact(answer, worst, gate, [...path, "gates", place, "upper"])),
    fact(
      "Held-out text",
      markup`${derived(formatCount(decidedAt(worst)), decidedAt(worst), "the look that settled the last gate")} of ${numberAt(answer, ["holdout", "units"], formatCount)}`,
      "units until it was clear",
    ),
  ];
};

const boundFact = (
  answer: Answer,
  { domain }: DomainResult,
  gate: GateResult,
  path: readonly (string | number)[],
): Markup => {
  const words = measureWords(answer, domain, gate);
  const place = answer.tolerances.length > 1 ? ` on ${domain} text` : "";
  return markup`<div><dt>${boundNames[gate.measure]}${place}</dt><dd>${words.side === "at most" ? "≤ " : "≥ "}${numberAt(answer, path, words.number)}
${meter(gate.upper / gate.limit)}<small>limit ${words.limit}</small></dd></div>`;
};

const boundNames: Readonly<Record<GateResult["measure"], string>> = {
  lnPplRatio: "Rise of perplexity",
  kld: "Mean KLD",
  topLoss: "Same top token",
};

/** How much of the limit is used. The words beside it say the same. */
const meter = (part: number): Markup => {
  const width = Math.round(Math.min(1, Math.max(0, part)) * 1000) / 10;
  return markup`<svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="6"/><rect class="fill" width="${width}" height="6"/></svg>`;
};

const errorRate = (answer: Answer): Content =>
  answer.decision.ledger.exploratory
    ? "does not hold"
    : markup`≤ ${numberAt(answer, ["decision", "alpha"], formatShare)}`;
