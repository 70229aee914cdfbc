import stringWidth from "fast-string-width";
import type { RunRecord } from "../run/record.ts";
import type { Answer } from "../select/answer.ts";
import type { Verdict } from "../select/verdict.ts";
import { ablationSentences } from "./ablation-sentences.ts";
import { answerMarks } from "./answer-marks.ts";
import { candidateNotes, costSentence, ledgerSentence, p99Sentence } from "./answer-notes.ts";
import { choiceSentence, refusedSentence } from "./answer-sentences.ts";
import {
  candidateColumns,
  candidateRows,
  domainColumns,
  domainRows,
  legend,
  verdictWords,
  type AnswerColumn,
  type Row,
} from "./answer-table.ts";
import { fitSentences } from "./fit/answer-fit.ts";
import { imatrixSentences } from "./imatrix-sentences.ts";
import { dotPlot, dotPlotLegend } from "./dot-plot.ts";
import { layTable, wrap } from "./layout.ts";
import { formatSeconds, plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import { copySentence, storeSentence } from "./store-sentence.ts";
import { makeStyle, type Paint, type Style } from "./style.ts";
import { worstDomain } from "./worst-domain.ts";

export interface AnswerOptions {
  readonly color: boolean;
  readonly columns: number;
  /** The folder of the results, named at the end. */
  readonly directory?: string;
}

/** How a run ends on the terminal: the table, the curve, what was chosen and why, and what the run was. Fits 80 columns. */
export const formatAnswer = (answer: Answer, run: RunRecord | undefined, options: AnswerOptions): string => {
  const style = makeStyle(options.color);
  const columns = paragraphWidth(options);
  const paragraph = (text: string): string => wrap(safe(text), columns);
  const refused = refusedSentence(answer);
  const p99 = p99Sentence(answer);
  const plot = dotPlot(answer, style, paintOf, options.columns);
  const curve = plot.length === 0 ? [] : ["", ...plot];
  return [
    ...exploratoryLines(answer, options),
    ...candidateTable(answer, style, options.columns),
    ...domainTable(answer, style, options.columns),
    ...curve,
    "",
    ...[
      legend(answer),
      ...(curve.length === 0 ? [] : [dotPlotLegend]),
      ...candidateNotes(answer),
      ...(p99 === undefined ? [] : [p99]),
      ...imatrixSentences(answer),
    ].map((text) => dimLines(paragraph(text), style)),
    "",
    style.bold(paragraph(choiceSentence(answer))),
    ...(refused === undefined ? [] : [paragraph(refused)]),
    ...(answer.fit === undefined ? [] : ["", ...fitSentences(answer.fit).map(paragraph)]),
    ...(answer.ablation === undefined ? [] : ["", ...ablationSentences(answer).map(paragraph)]),
    "",
    paragraph(`${costSentence(answer)} ${ledgerSentence(answer)}`),
    ...footer(answer, run, options).map(paragraph),
    "",
  ].join("\n");
};

/** Prose is hard to follow in longer lines. */
export const paragraphWidth = ({ columns }: Pick<AnswerOptions, "columns">): number =>
  Math.min(Math.max(columns, 40), 110);

/** In front of everything, so that nobody reads the table without it. */
export const exploratoryLines = (answer: Answer, options: Pick<AnswerOptions, "color" | "columns">): string[] =>
  answerMarks(answer).flatMap(({ mark, sentence }) => markedLines(mark, sentence, options));

const markedLines = (mark: string, sentence: string, options: Pick<AnswerOptions, "color" | "columns">): string[] => {
  const style = makeStyle(options.color);
  const [first = "", ...rest] = wrap(safe(`${mark}: ${sentence}`), paragraphWidth(options)).split("\n");
  return [style.bold(style.warn(mark)) + first.slice(mark.length), ...rest, ""];
};

const candidateTable = (answer: Answer, style: Style, columns: number): string[] => {
  const rows = candidateRows(answer);
  const [header = "", ...lines] = fitting(candidateColumns(answer), rows, style, columns);
  return [
    `  ${style.dim(header)}`,
    ...lines.map((line, index) =>
      rows[index]?.candidate.type === answer.choice?.type ? style.bold(`▶ ${line}`) : `  ${line}`,
    ),
  ];
};

/** Every domain of every candidate, the one that the table above shows with a mark. */
const domainTable = (answer: Answer, style: Style, columns: number): string[] => {
  const rows = domainRows(answer);
  if (rows.length === 0) return [];
  const [header = "", ...lines] = fitting(domainColumns(answer), rows, style, columns);
  return ["", `  ${style.dim(header)}`, ...lines.map((line, index) => `${isWorst(rows[index]) ? "·" : " "} ${line}`)];
};

const isWorst = (row: Row | undefined): boolean =>
  row !== undefined && worstDomain(row.candidate)?.domain === row.result?.domain;

/** Extreme numbers are long: then the columns move together, and what can be spared goes, before a line breaks. */
const fitting = (all: readonly AnswerColumn[], rows: readonly Row[], style: Style, columns: number): string[] => {
  const lay = (spared: number, gap: number): string[] => {
    const kept = all.filter(({ spare }) => spare === undefined || spare > spared);
    const cells = rows.map((row) => [...kept.map(({ cell }) => safe(cell(row))), verdictCell(row, style)]);
    return layTable([...kept, { header: "verdict", align: "left" }], cells, gap);
  };
  const tries = [lay(0, 2), lay(0, 1), lay(1, 1), lay(2, 1), lay(3, 1), lay(4, 1)];
  return tries.find((lines) => lines.every((line) => stringWidth(line) + 2 <= columns)) ?? tries.at(-1) ?? [];
};

const verdictCell = ({ candidate: { blockedBy }, verdict }: Row, style: Style): string =>
  blockedBy === undefined ? paintOf(verdict, style)(verdictWords(verdict)) : style.dim("✓ (PASS)");

/** The colour of a verdict. */
export const paintOf = (verdict: Verdict, style: Style): Paint => {
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

const footer = ({ choice }: Answer, run: RunRecord | undefined, { directory }: AnswerOptions): string[] => [
  ...(run === undefined ? [] : [runSentence(run), ...storeSentence(run), ...copySentence(run, choice?.file)]),
  ...(directory === undefined ? [] : [`Results: ${resultsIn(directory, choice?.file)}`]),
];

const resultsIn = (directory: string, file: string | undefined): string =>
  file === undefined ? directory : `${directory}/${file} (report.html, report.md and reproduce.sh beside it)`;

const runSentence = ({ executed, cached, seconds, repeats }: RunRecord): string =>
  [
    `${plural(executed, "step")} run, ${cached} cached, in ${formatSeconds(seconds)}.`,
    ...(repeats === 0 ? [] : [`${plural(repeats, "tool run")} repeated because the output was incomplete.`]),
  ].join(" ");
