import { exploratoryMark, exploratorySentence, ledgerSentence } from "./answer-notes.ts";
import { choiceSentence, refusedSentence } from "./answer-sentences.ts";
import { candidateColumns, candidateRows, legend, verdictWords, type Row } from "./answer-table.ts";
import { formatBytes } from "../base/units.ts";
import type { Failure } from "../base/failure.ts";
import type { Answer } from "../select/answer.ts";
import { describeFailure } from "./describe-failure.ts";
import type { EndedRun } from "./ended.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { rows } from "./markdown-blocks.ts";

/** Characters of one text: a message may hold the whole of what a tool said. */
const longest = 2000;

const text = (words: string): string =>
  escapeMarkdown(words.length <= longest ? words : `${words.slice(0, longest)} …`);

/** How a run ended, as Markdown for the page of a CI job: a part of `report.md`, which is too long for it. */
export const formatStepSummary = (ended: EndedRun, room: number): string =>
  fitLines([...ended.failures.flatMap(failureLines), ...answerLines(ended)], room);

const failureLines = (failure: Failure): string[] => {
  const { headline, details, help } = describeFailure(failure);
  const lines = [`**error** ${text(headline)}`, ...details.map(text), ...(help === undefined ? [] : [text(help)])];
  return lines.flatMap((line) => [line, ""]);
};

const answerLines = ({ answer, pipeline }: EndedRun): string[] => {
  if (answer === undefined) return [];
  const exploratory = exploratorySentence(answer);
  return [
    `## ${text(pipeline)}: ${answer.choice === null ? "no quant passed" : text(answer.choice.type)}`,
    ...(exploratory === undefined ? [] : [`> **${exploratoryMark}**: ${text(exploratory)}`]),
    ...(answer.choice === null
      ? []
      : [`**${text(answer.choice.file)}**, ${formatBytes(answer.choice.bytes)}, SHA-256 \`${answer.choice.sha256}\``]),
    text([choiceSentence(answer), refusedSentence(answer) ?? "", ledgerSentence(answer)].join(" ")),
    table(answer),
    text(legend(answer)),
    `llama.cpp ${text(answer.llamaCpp.version)}; model ${text(answer.model.file)}, SHA-256 \`${answer.model.sha256}\``,
  ].flatMap((block) => [...block.split("\n"), ""]);
};

const table = (answer: Answer): string => {
  const columns = candidateColumns(answer);
  const cells = (row: Row): string[] => [...columns.map(({ cell }) => text(cell(row))), verdictCell(row)];
  const rule = columns.map(({ align }) => (align === "right" ? "---:" : ":---"));
  return rows([
    [...columns.map(({ header }) => header), "verdict"],
    [...rule, ":---"],
    ...candidateRows(answer).map(cells),
  ]);
};

const verdictCell = ({ candidate: { blockedBy }, verdict }: Row): string =>
  `${verdictWords(verdict)}${blockedBy === undefined ? "" : ", does not count"}`;

const cutLine = "… there was no room for the rest: `report.md` has all of it.";

/**
 * As many whole lines as there is room for: a summary that is too large is refused as a whole, and half a row of a table
 * is none.
 * @param room bytes
 */
export const fitLines = (lines: readonly string[], room: number): string => {
  const whole = lines.map((line) => `${line}\n`).join("");
  if (Buffer.byteLength(whole) <= room) return whole;
  let left = room - Buffer.byteLength(`\n${cutLine}\n`);
  if (left < 0) return "";
  const end = lines.findIndex((line) => (left -= Buffer.byteLength(line) + 1) < 0);
  return [...lines.slice(0, end), "", cutLine, ""].join("\n");
};
