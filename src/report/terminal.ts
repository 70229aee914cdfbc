import stringWidth from "string-width";
import type { RunRecord } from "../run/record.ts";
import type { Answer, ReportedCandidate } from "../select/answer.ts";
import type { Verdict } from "../select/verdict.ts";
import { choiceSentence, refusedSentence } from "./answer-sentences.ts";
import { blockedNotes, candidateCells, candidateColumns, legend, verdictMarks } from "./answer-table.ts";
import { layTable, wrap } from "./layout.ts";
import { formatSeconds, plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import { makeStyle, type Paint, type Style } from "./style.ts";

export interface AnswerOptions {
  readonly color: boolean;
  readonly columns: number;
  /** The folder of the results, named at the end. */
  readonly directory?: string;
}

/** How a run ends on the terminal: the table, what was chosen and why, and what the run was. Fits 80 columns. */
export const formatAnswer = (answer: Answer, run: RunRecord | undefined, options: AnswerOptions): string => {
  const style = makeStyle(options.color);
  const columns = Math.min(Math.max(options.columns, 40), 110);
  const paragraph = (text: string): string => wrap(safe(text), columns);
  const refused = refusedSentence(answer);
  return [
    ...table(answer, style, options.columns),
    "",
    ...[legend(answer), ...blockedNotes(answer)].map((text) => dimLines(paragraph(text), style)),
    "",
    style.bold(paragraph(choiceSentence(answer))),
    ...(refused === undefined ? [] : [paragraph(refused)]),
    ...footer(answer, run, options).map(paragraph),
    "",
  ].join("\n");
};

const table = (answer: Answer, style: Style, columns: number): string[] => {
  const rows = answer.candidates.map((candidate) => [
    ...candidateCells(candidate).map(safe),
    verdictCell(candidate, style),
  ]);
  // Extreme numbers are long: then the columns move together before a line breaks.
  const [wide, narrow] = [layTable(candidateColumns, rows), layTable(candidateColumns, rows, 1)];
  const [header = "", ...lines] = wide.every((line) => stringWidth(line) + 2 <= columns) ? wide : narrow;
  return [
    `  ${style.dim(header)}`,
    ...lines.map((line, index) =>
      answer.candidates[index]?.type === answer.choice?.type ? style.bold(`▶ ${line}`) : `  ${line}`,
    ),
  ];
};

const verdictCell = ({ verdict, blockedBy }: ReportedCandidate, style: Style): string => {
  const text = `${verdictMarks[verdict]} ${verdict.replace("_", " ")}`;
  return blockedBy === undefined ? paintOf(verdict, style)(text) : style.dim("✓ (PASS)");
};

const paintOf = (verdict: Verdict, style: Style): Paint => {
  const paints: Readonly<Record<Verdict, Paint>> = {
    PASS: style.good,
    FAIL: style.bad,
    UNDECIDED: style.warn,
    NOT_TESTED: style.dim,
    ERROR: style.bad,
  };
  return paints[verdict];
};

const dimLines = (text: string, style: Style): string => text.split("\n").map(style.dim).join("\n");

const footer = ({ choice }: Answer, run: RunRecord | undefined, { directory }: AnswerOptions): string[] => {
  const lines = [
    ...(run === undefined ? [] : [runSentence(run)]),
    ...(directory === undefined ? [] : [`Results: ${resultsIn(directory, choice?.file)}`]),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
};

const resultsIn = (directory: string, file: string | undefined): string =>
  file === undefined ? directory : `${directory}/${file} (report.md and reproduce.sh beside it)`;

const runSentence = ({ executed, cached, seconds, repeats }: RunRecord): string =>
  [
    `${plural(executed, "step")} run, ${cached} cached, in ${formatSeconds(seconds)}.`,
    ...(repeats === 0 ? [] : [`${plural(repeats, "tool run")} repeated because the output was incomplete.`]),
  ].join(" ");
