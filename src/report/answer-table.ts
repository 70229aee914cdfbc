import { formatBytes } from "../base/units.ts";
import type { Answer, ReportedCandidate } from "../select/answer.ts";
import type { Verdict } from "../select/verdict.ts";
import type { Column } from "./layout.ts";
import { formatBpw, formatKld, formatPpl, formatRise, formatShare } from "./quantity.ts";

/** The columns of the table of candidates; `≤` is the upper bound that was held against the limit. */
export const candidateColumns: readonly Column[] = [
  { header: "type", align: "left" },
  { header: "size", align: "right" },
  { header: "bpw", align: "right" },
  { header: "PPL", align: "right" },
  { header: "Δ %", align: "right" },
  { header: "≤", align: "right" },
  { header: "KLD", align: "right" },
  { header: "≤", align: "right" },
  { header: "verdict", align: "left" },
];

/** A candidate's cells but the verdict, as bare text. */
export const candidateCells = ({ type, bytes, bpw, ppl, lnPplRatio, kld }: ReportedCandidate): string[] => [
  type,
  formatBytes(bytes),
  formatBpw(bpw),
  formatPpl(ppl),
  formatRise(lnPplRatio.mean),
  formatRise(lnPplRatio.upper),
  formatKld(kld.mean),
  formatKld(kld.upper),
];

/** A mark for each verdict, so that the table reads without colour. */
export const verdictMarks: Readonly<Record<Verdict, string>> = {
  PASS: "✓",
  FAIL: "✗",
  UNDECIDED: "?",
  NOT_TESTED: "-",
  ERROR: "!",
};

/** What the columns mean and what the limits are. */
export const legend = ({ tolerance }: Answer): string =>
  [
    "Δ %: rise of perplexity over the full-precision model.",
    "KLD: mean KL divergence from it, nats a token.",
    `≤: upper bound at ${formatShare(tolerance.confidence)} confidence.`,
    `Limits (${tolerance.name}): ${formatShare(tolerance.ppl)} and ${tolerance.kld}.`,
  ].join(" ");

/** One sentence for each candidate that passed and still does not count. */
export const blockedNotes = ({ candidates }: Answer): string[] =>
  candidates.flatMap(({ type, blockedBy }) =>
    blockedBy === undefined ? [] : [`${type} passed but does not count, because the larger ${blockedBy} did not pass.`],
  );
