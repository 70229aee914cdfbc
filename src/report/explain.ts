import { formatBytes } from "../base/units.ts";
import type { Answer, ReportedCandidate } from "../select/answer.ts";
import { verdictWords } from "./answer-table.ts";
import { explanationOf, type ExplainedDomain, type ExplainedGate, type Explanation } from "./explanation.ts";
import { measureWords, type MeasureWords } from "./gate-words.ts";
import { layTable, wrap, type Column } from "./layout.ts";
import { capital, formatBpw, formatCount, formatPpl, formatRise, nothing, plural } from "./quantity.ts";
import { remedies } from "./remedy.ts";
import { safe } from "./safe.ts";
import { makeStyle, type Style } from "./style.ts";
import { exploratoryLines, paintOf, paragraphWidth } from "./terminal.ts";

export interface ExplainOptions {
  readonly color: boolean;
  readonly columns: number;
}

/** A block of text for one candidate: its verdict and why, and for every gate the looks and what would have turned it. */
export const formatExplanation = (candidate: ReportedCandidate, answer: Answer, options: ExplainOptions): string => {
  const explanation = explanationOf(candidate, answer);
  const print = printer(makeStyle(options.color), paragraphWidth(options));
  return [
    ...exploratoryLines(answer, options),
    title(explanation, print),
    "",
    ...explanation.why.flatMap((sentence) => print.paragraph(sentence, "")),
    ...explanation.domains.flatMap((domain) => domainLines(domain, candidate, answer, print)),
    ...(explanation.domains.length === 0 ? [] : ["", ...print.paragraph(caveat, "").map(print.style.dim)]),
    "",
  ].join("\n");
};

const caveat =
  "A limit that is chosen after these numbers were seen is another decision on the same text: the stated confidence does " +
  "not cover it.";

interface Printer {
  readonly style: Style;
  readonly columns: number;
  readonly paragraph: (text: string, indent: string) => string[];
}

const printer = (style: Style, columns: number): Printer => ({
  style,
  columns,
  paragraph: (text, indent) =>
    wrap(safe(text), columns - indent.length)
      .split("\n")
      .map((line) => indent + line),
});

const title = ({ type, bytes, bpw, verdict, chosen, pipeline }: Explanation, { style }: Printer): string =>
  [
    style.bold(safe(type)),
    formatBytes(bytes),
    ...(bpw === null ? [] : [`${formatBpw(bpw)} bpw`]),
    paintOf(verdict, style)(verdictWords(verdict)) + (chosen ? ", chosen" : ""),
    `pipeline ${safe(pipeline)}`,
  ].join("  ");

const domainLines = (
  domain: ExplainedDomain,
  candidate: ReportedCandidate,
  answer: Answer,
  print: Printer,
): string[] => [
  "",
  `${print.style.bold(`${capital(safe(domain.domain))} text`)}: ${paintOf(domain.verdict, print.style)(verdictWords(domain.verdict))}`,
  ...print.paragraph(domainSentence(domain), "  "),
  ...domain.gates.flatMap((gate) => gateLines(gate, domain, candidate, answer, print)),
  "",
  ...histogram(domain, print),
];

const domainSentence = ({ verdict, units, ppl, basePpl, designEffect }: ExplainedDomain): string => {
  const more = units.measured > units.decided ? `; ${formatCount(units.measured)} were measured` : "";
  const effect =
    designEffect === null
      ? ""
      : ` Design effect ${designEffect.toPrecision(2)} (estimated): the variance of units over that of as many ` +
        "independent tokens.";
  return (
    `${verdict === "UNDECIDED" ? "Undecided" : "Decided"} after ${formatCount(units.decided)} of ${plural(units.holdout, "unit")}${more}. Perplexity ` +
    `${formatPpl(ppl)}, of the full-precision model ${formatPpl(basePpl)}.${effect}`
  );
};

const gateLines = (
  gate: ExplainedGate,
  domain: ExplainedDomain,
  candidate: ReportedCandidate,
  answer: Answer,
  print: Printer,
): string[] => {
  const words = measureWords(answer, domain.domain, gate);
  const heading = `${capital(words.subject)}, limit ${words.limit}: `;
  return [
    "",
    `  ${heading}${paintOf(gate.verdict, print.style)(verdictWords(gate.verdict))}`,
    ...looksTable(gate, words).map((line) => `    ${line}`),
    ...[spreadSentence(gate, words), turnSentence(gate, words), ...outlook(gate, domain, candidate, answer)].flatMap(
      (sentence) => print.paragraph(sentence, "    "),
    ),
  ];
};

const looksTable = ({ looks }: ExplainedGate, { number, side }: MeasureWords): string[] => {
  const columns: readonly Column[] = [
    { header: "units", align: "right" },
    { header: "mean", align: "right" },
    { header: side, align: "right" },
    { header: "critical", align: "right" },
    { header: "outcome", align: "left" },
  ];
  const rows = looks.map(({ units, mean, upper, critical, outcome }) => [
    formatCount(units),
    number(mean),
    number(upper),
    critical === null ? nothing : critical.toFixed(3),
    outcome,
  ]);
  return layTable(columns, rows);
};

/** From the smallest number to the largest as they are shown: a share of tokens is largest where the loss is smallest. */
const spreadSentence = ({ spread }: ExplainedGate, { number, better }: MeasureWords): string => {
  const { units, smallest, lowerQuartile, median, upperQuartile, largest } = spread;
  const five = [smallest, lowerQuartile, median, upperQuartile, largest].map(number);
  const [first = "", low = "", middle = "", high = "", last = ""] = better === "lower" ? five : five.toReversed();
  return (
    `Of ${plural(units, "unit")} the smallest has ${first}, the quartiles are ${low}, ${middle} and ${high}, and the ` +
    `largest has ${last}.`
  );
};

const turnSentence = ({ verdict, turn }: ExplainedGate, { number, better }: MeasureWords): string => {
  const value = number(turn.limit);
  const passed = verdict === "PASS";
  const side = passed
    ? `of ${value} or ${better === "lower" ? "less" : "more"}`
    : `${better === "lower" ? "above" : "below"} ${value}`;
  return `A limit ${side} would ${passed ? "not " : ""}have passed it after ${plural(turn.units, "unit")}.`;
};

/** What more text would do. */
const outlook = (
  gate: ExplainedGate,
  { domain }: ExplainedDomain,
  candidate: ReportedCandidate,
  answer: Answer,
): string[] => {
  if (gate.verdict === "FAIL")
    return ["Its mean lies more than two standard errors beyond the limit: more text is not worth it."];
  if (gate.verdict === "PASS") return [];
  const only = candidate.domains
    .filter((each) => each.domain === domain)
    .map((each) => ({ ...each, gates: each.gates.filter(({ measure }) => measure === gate.measure) }));
  return remedies({ ...candidate, domains: only }, answer);
};

const histogram = ({ histogram: bins }: ExplainedDomain, print: Printer): string[] => {
  const most = Math.max(1, ...bins.map(({ units }) => units));
  const room = Math.min(40, print.columns - 32);
  const columns: readonly Column[] = [
    { header: "", align: "right" },
    { header: "", align: "left" },
    { header: "", align: "right" },
    { header: "", align: "left" },
  ];
  const rows = bins.map(({ from, to, units }) => [
    `${formatRise(from)} %`,
    `to ${formatRise(to)} %`,
    formatCount(units),
    print.style.dim("█".repeat(Math.ceil((room * units) / most))),
  ]);
  return [
    "  Units by their rise of perplexity:",
    ...layTable(columns, rows)
      .slice(1)
      .map((line) => `    ${line}`),
  ];
};
