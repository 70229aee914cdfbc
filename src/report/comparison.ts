import { unreachable } from "../base/result.ts";
import { formatBytes } from "../base/units.ts";
import type { Answer, Choice } from "../select/answer.ts";
import type { BoundChange, Change, Comparison, Regression, Standing, VerdictChange } from "../select/compare.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { measureWords } from "./gate-words.ts";
import { list } from "./markdown-blocks.ts";
import { plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import { makeStyle, type Style } from "./style.ts";

/** Two reports and what came of holding one against the other. */
export interface Compared {
  readonly comparison: Comparison;
  readonly before: Answer;
  readonly after: Answer;
}

/** A comparison on the terminal: the sentence first, then a list for each kind of difference. */
export const formatComparison = (compared: Compared, { color }: { readonly color: boolean }): string => {
  const style = makeStyle(color);
  return [
    style.bold(paintOf(compared.comparison, style)(safe(headline(compared.comparison)))),
    ...sections(compared).flatMap(({ title, lines }) => ["", `${title}:`, ...lines.map((line) => `  ${safe(line)}`)]),
    "",
  ].join("\n");
};

/** The same for a pull request. */
export const formatComparisonMarkdown = (compared: Compared): string =>
  [
    `## ${escapeMarkdown(headline(compared.comparison))}`,
    ...sections(compared).flatMap(({ title, lines }) => [`### ${title}`, list(lines.map(escapeMarkdown))]),
  ].join("\n\n") + "\n";

const paintOf = ({ regressions, incomparable }: Comparison, style: Style) =>
  regressions.length > 0 ? style.bad : incomparable.length > 0 ? style.warn : style.good;

const headline = ({ pipeline, regressions, incomparable, verdicts, choice }: Comparison): string => {
  if (incomparable.length > 0)
    return `${pipeline}: not comparable with the earlier report, which was asked something else`;
  if (regressions.length > 0) return `${pipeline}: ${plural(regressions.length, "regression")}`;
  const same = verdicts.length === 0 && choice.before?.type === choice.after?.type;
  return `${pipeline}: no regression${same ? ", and the same verdicts" : ""}`;
};

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

const sections = ({ comparison, after }: Compared): Section[] =>
  [
    { title: "Not comparable because of", lines: comparison.incomparable.map(changeLine) },
    { title: "Regressions", lines: comparison.regressions.map(regressionLine) },
    { title: "Choice", lines: choiceLines(comparison) },
    { title: "Verdicts", lines: comparison.verdicts.map(verdictLine) },
    { title: "Bounds", lines: comparison.bounds.flatMap((bound) => boundLine(bound, after)) },
    { title: "What else changed", lines: comparison.changes.map(changeLine) },
  ].filter(({ lines }) => lines.length > 0);

/** A regression as a sentence without a full stop. */
export const regressionLine = (regression: Regression): string => {
  switch (regression.code) {
    case "nothing-certified":
      return `nothing is certified any more; it was ${fileWords(regression.before)}`;
    case "larger-choice":
      return `the chosen file is larger: ${fileWords(regression.before)} → ${fileWords(regression.after)}`;
    case "pass-lost":
      return `${regression.type} passed and does not any more: ${standingWords(regression.after)}`;
    default:
      return unreachable(regression);
  }
};

const fileWords = ({ type, bytes }: Choice): string => `${type} (${formatBytes(bytes)})`;

const choiceWords = (choice: Choice | null): string => (choice === null ? "nothing" : fileWords(choice));

const choiceLines = ({ choice: { before, after } }: Comparison): string[] => {
  if (before?.sha256 === after?.sha256) return [];
  const bytes = before?.type === after?.type && before?.bytes === after?.bytes ? ", with other bytes" : "";
  return [`${choiceWords(before)} → ${choiceWords(after)}${bytes}`];
};

const verdictLine = ({ type, before, after }: VerdictChange): string =>
  `${type}: ${standingWords(before)} → ${standingWords(after)}`;

const standingWords = (standing: Standing | null): string => {
  if (standing === null) return "no candidate";
  const { verdict, blockedBy, prunedBy } = standing;
  if (prunedBy !== undefined) return `left out by rule (${prunedBy})`;
  return `${verdict.replace("_", " ")}${blockedBy === undefined ? "" : `, which does not count behind ${blockedBy}`}`;
};

/** A bound that reads the same is not worth a line. */
const boundLine = ({ type, domain, measure, before, after }: BoundChange, answer: Answer): string[] => {
  const limit = answer.limits.find((each) => each.domain === domain)?.[measure];
  if (limit === undefined || limit === null) return [];
  const { subject, side, number, limit: shown } = measureWords(answer, domain, { measure, limit });
  const [old, now] = [number(before), number(after)];
  return old === now ? [] : [`${type} on ${domain} text, ${subject} ${side} ${old} → ${now} (limit ${shown})`];
};

const changeLine = ({ what, before, after }: Change): string => `${what}: ${valueWords(before)} → ${valueWords(after)}`;

/** Digests are told apart by their first letters. */
const valueWords = (value: Change["before"]): string => {
  if (value === null) return "none";
  return String(value).replaceAll(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1");
};
