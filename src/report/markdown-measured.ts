import { formatBytes } from "../base/units.ts";
import type { Answer, ReportedDomain } from "../select/answer.ts";
import { costSentence } from "./answer-notes.ts";
import { escapeMarkdown as text } from "./escape-markdown.ts";
import { list, rows } from "./markdown-blocks.ts";
import { modeWords } from "./mode-words.ts";
import {
  enumerate,
  formatCount,
  formatPpl,
  formatSameTop,
  formatShare,
  formatSmall as small,
  plural,
} from "./quantity.ts";

/** The model, the text and the tools. */
export const measured = (answer: Answer): string => {
  const { model, holdout, corpus, llamaCpp, seed } = answer;
  const { backend, device, isa } = llamaCpp.numeric;
  return list([
    `Model: ${text(model.file)} (${text(model.name ?? "without a name")}, ${text(model.architecture)}, ` +
      `${text(model.fileType)}, ${formatCount(model.parameters)} parameters, ${formatBytes(model.bytes)}), ` +
      `SHA-256 \`${model.sha256}\`.`,
    `Holdout: ${plural(holdout.units, "unit")} of ${text(enumerate(holdout.domains.map(({ domain }) => domain)))} text` +
      `${holdout.domains.length > 1 ? " each" : ""}, in ${plural(holdout.shards.length, "shard")}; a unit has ` +
      `${formatCount(holdout.unitTokens)} tokens, of which ${formatCount(holdout.scoredTokens)} are scored; context ` +
      `${holdout.context}, cache ${text(holdout.kv)}.`,
    ...holdout.domains.map(fullPrecision),
    `Every llama-perplexity was given: ${text(holdout.flags.length === 0 ? "no other flags" : holdout.flags.join(" "))}.`,
    `Search split: ${plural(corpus.search.units, "unit")}, not used for the decision.`,
    `llama.cpp: ${text(llamaCpp.version)}, digest \`${llamaCpp.digest}\`, on ${text(`${backend}, ${device}, ${isa}`)}.`,
    `Seed: ${seed}.`,
  ]);
};

/** What the full-precision model measures against itself bounds what can be shown of a quant. */
const fullPrecision = ({ domain, units, ppl, noise }: ReportedDomain): string =>
  `The full-precision model on ${text(domain)} text: perplexity ${formatPpl(ppl)} over ${plural(units, "unit")}; ` +
  `against itself ln(PPL ratio) ${small(noise.lnPplRatio)}, KLD ${small(noise.kld)}, same top token ` +
  `${formatSameTop(noise.topLoss)} %.`;

/** How the decision was taken, and what that cost. */
export const decision = (answer: Answer): string => {
  const { mode, confidence, alpha, plannedReruns, looks } = answer.decision;
  const divided =
    plannedReruns === 0
      ? ""
      : ` (what the confidence leaves, divided by ${plural(plannedReruns + 1, "planned decision")})`;
  const header = ["look", "units", "level", "critical value"];
  return [
    list([
      `Mode ${text(mode)}: ${modeWords[mode]}.`,
      `Confidence ${formatShare(confidence)}, one-sided; error rate of this decision ${formatShare(alpha)}${divided}.`,
      text(costSentence(answer)),
    ]),
    "A loss passes at the first look at which Hall's t lies below minus the critical value, and is refused at the first " +
      "at which its mean lies more than two standard errors above the limit:",
    rows([
      header,
      header.map(() => "---:"),
      ...looks.map(({ units, level, critical }, index) => [
        String(index + 1),
        formatCount(units),
        `${Number((level * 100).toPrecision(3))} %`,
        critical.toFixed(3),
      ]),
    ]),
  ].join("\n\n");
};
