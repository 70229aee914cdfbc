import { formatBytes } from "../base/units.ts";
import type { Answer, ReportedCandidate } from "../select/answer.ts";
import type { DomainResult, GateResult } from "../select/choose.ts";
import type { Measure, Verdict } from "../select/verdict.ts";
import { measureWords } from "./gate-words.ts";
import type { Column } from "./layout.ts";
import {
  enumerate,
  formatBpw,
  formatCount,
  formatKld,
  formatPpl,
  formatRise,
  formatSameTop,
  nothing,
} from "./quantity.ts";
import { decidedAt, domainVerdict, worstDomain } from "./worst-domain.ts";

/** A candidate on one domain; without a result when nothing was measured. */
export interface Row {
  readonly candidate: ReportedCandidate;
  readonly result: DomainResult | undefined;
  readonly verdict: Verdict;
}

export interface AnswerColumn extends Column {
  readonly cell: (row: Row) => string;
  /** On a narrow terminal those with the smallest number are left out first. */
  readonly spare?: number;
}

/** One row a candidate, with the numbers of its worst domain. */
export const candidateRows = ({ candidates }: Answer): Row[] =>
  candidates.map((candidate) => ({ candidate, result: worstDomain(candidate), verdict: candidate.verdict }));

/** One row a domain of each candidate that was measured; none where a single domain is gated. */
export const domainRows = ({ candidates, tolerances }: Answer): Row[] =>
  tolerances.length < 2
    ? []
    : candidates.flatMap((candidate) =>
        candidate.domains.map((result) => ({ candidate, result, verdict: domainVerdict(result) })),
      );

/** The columns of the table of candidates; `≤` and `≥` are the bounds that were held against the limits. */
export const candidateColumns = (answer: Answer): AnswerColumn[] => [
  { header: "type", align: "left", cell: ({ candidate }) => candidate.type },
  { header: "size", align: "right", cell: ({ candidate }) => formatBytes(candidate.bytes) },
  { header: "bpw", align: "right", spare: 1, cell: ({ candidate }) => formatBpw(candidate.bpw) },
  ...(answer.tolerances.length < 2
    ? []
    : [{ header: "worst in", align: "left" as const, spare: 4, cell: ({ result }: Row) => result?.domain ?? nothing }]),
  ...numberColumns(answer),
];

/** The columns of the table by domain. */
export const domainColumns = (answer: Answer): AnswerColumn[] => [
  { header: "type", align: "left", cell: ({ candidate }) => candidate.type },
  { header: "domain", align: "left", cell: ({ result }) => result?.domain ?? nothing },
  ...numberColumns(answer),
];

const numberColumns = ({ tolerances }: Answer): AnswerColumn[] => [
  {
    header: "PPL",
    align: "right",
    spare: 2,
    cell: ({ result }) => (result === undefined ? nothing : formatPpl(result.ppl)),
  },
  { header: "Δ %", align: "right", cell: gateCell("lnPplRatio", ({ mean }) => formatRise(mean)) },
  { header: "≤", align: "right", cell: gateCell("lnPplRatio", ({ upper }) => formatRise(upper)) },
  { header: "KLD", align: "right", cell: gateCell("kld", ({ mean }) => formatKld(mean)) },
  { header: "≤", align: "right", cell: gateCell("kld", ({ upper }) => formatKld(upper)) },
  ...(tolerances.some(({ sameTop }) => sameTop !== null) ? sameTopColumns : []),
  { header: "units", align: "right", cell: unitsCell },
];

const gateCell =
  (measure: Measure, format: (gate: GateResult) => string) =>
  ({ result }: Row): string => {
    const gate = result?.gates.find((each) => each.measure === measure);
    return gate === undefined ? nothing : format(gate);
  };

const sameTopColumns: readonly AnswerColumn[] = [
  { header: "top %", align: "right", spare: 3, cell: gateCell("topLoss", ({ mean }) => formatSameTop(mean)) },
  { header: "≥", align: "right", cell: gateCell("topLoss", ({ upper }) => formatSameTop(upper)) },
];

/** `16`, or `16/64` where more were measured than the verdict needed. */
const unitsCell = ({ result }: Row): string => {
  if (result === undefined) return nothing;
  const at = decidedAt(result);
  return at === result.units ? formatCount(at) : `${formatCount(at)}/${formatCount(result.units)}`;
};

/** A mark for each verdict, so that the table reads without colour. */
export const verdictMarks: Readonly<Record<Verdict, string>> = {
  PASS: "✓",
  FAIL: "✗",
  UNDECIDED: "?",
  NOT_TESTED: "-",
  ERROR: "!",
};

/** `✓ PASS` */
export const verdictWords = (verdict: Verdict): string => `${verdictMarks[verdict]} ${verdict.replace("_", " ")}`;

/** What the columns mean and what the limits are. */
export const legend = (answer: Answer): string => {
  const { tolerances } = answer;
  const sameTop = tolerances.some((each) => each.sameTop !== null);
  return [
    "Δ %: rise of perplexity over the full-precision model.",
    "KLD: mean KL divergence from it, nats a token.",
    ...(sameTop ? ["top %: tokens with the same top token."] : []),
    `${sameTop ? "≤ and ≥: the bounds" : "≤: the bound"} held against the limit.`,
    "units: after how many it was decided.",
    ...(tolerances.length > 1
      ? ["worst in: the domain whose bound is nearest to its limit, or furthest beyond it (· in the table by domain)."]
      : []),
    `Limits: ${tolerances.map((each) => limitsOn(answer, each)).join("; ")}.`,
  ].join(" ");
};

/** `chat on medical text: 3 %, KLD 0.06` */
const limitsOn = (answer: Answer, { domain, name }: Answer["tolerances"][number]): string => {
  const own = answer.limits.find((each) => each.domain === domain);
  const parts = measured.flatMap(([measure, words]) => {
    const limit = own?.[measure] ?? null;
    return limit === null ? [] : [`${words} ${measureWords(answer, domain, { measure, limit }).limit}`];
  });
  return `${name} on ${domain} text, ${enumerate(parts)}`;
};

const measured: readonly (readonly [Measure, string])[] = [
  ["lnPplRatio", "perplexity"],
  ["kld", "KLD"],
  ["topLoss", "same top token"],
];
