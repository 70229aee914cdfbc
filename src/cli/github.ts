import { randomUUID } from "node:crypto";
import { appendFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Annotation } from "../report/annotations.ts";
import { choiceSentence } from "../report/answer-sentences.ts";
import { exploratorySentence } from "../report/answer-notes.ts";
import { formatComparisonMarkdown, regressionLine, type Compared } from "../report/comparison.ts";
import type { EndedRun } from "../report/ended.ts";
import { fitLines, formatStepSummary } from "../report/step-summary.ts";
import { annotate, failureMarks, isGitHub } from "./annotate.ts";
import { environment } from "./settings.ts";

/** How a run ended, or what a report says: the summary of the step, and what a person must not miss. */
export const tellEnded = (ended: EndedRun): void => {
  annotate([...failureMarks(ended.failures), ...remarks(ended)]);
  summarizeEnded(ended);
};

/** The summary alone, where a failure is marked already. */
export const summarizeEnded = (ended: EndedRun): void => summarize((room) => formatStepSummary(ended, room));

const remarks = ({ answer }: EndedRun): Annotation[] => {
  if (answer === undefined) return [];
  const exploratory = exploratorySentence(answer);
  return [
    ...(answer.choice === null
      ? [{ level: "error", title: "pipeline: nothing certified", message: [choiceSentence(answer)] } as const]
      : []),
    ...(exploratory === undefined
      ? []
      : [{ level: "warning", title: "pipeline: exploratory", message: [exploratory] } as const]),
  ];
};

/** What changed since an earlier report. */
export const tellComparison = (compared: Compared): void => {
  const { regressions, incomparable } = compared.comparison;
  annotate([
    ...regressions.map((each): Annotation => ({
      level: "error",
      title: "pipeline: regression",
      message: [regressionLine(each)],
    })),
    ...(incomparable.length === 0
      ? []
      : [{ level: "warning", title: "pipeline", message: ["the two reports cannot be compared"] } as const]),
  ]);
  summarize((room) => fitLines(formatComparisonMarkdown(compared).split("\n"), room));
};

/** What later steps of the job can use, where the step has outputs. */
export const giveOutputs = ({ answer }: EndedRun, folder: string): void => {
  const path = environment()["GITHUB_OUTPUT"];
  if (!isGitHub() || path === undefined || path === "" || answer === undefined) return;
  const { choice } = answer;
  const outputs = {
    quant: choice?.type ?? "",
    file: choice === null ? "" : join(folder, choice.file),
    report: join(folder, "report.json"),
    directory: folder,
  };
  append(path, Object.entries(outputs).map(heredoc).join(""));
};

/** A path may hold a line break, and a value must not be able to name another output. */
const heredoc = ([name, value]: readonly [string, string]): string => {
  const end = `end-${randomUUID()}`;
  return `${name}<<${end}\n${value}\n${end}\n`;
};

/** A summary of more than 1 MiB is refused as a whole; other commands of the step may have written to it. */
const mostBytes = 900_000;

const summarize = (format: (room: number) => string): void => {
  const path = environment()["GITHUB_STEP_SUMMARY"];
  if (path === undefined || path === "") return;
  const used = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  append(path, format(Math.max(0, mostBytes - used)));
};

/** Nothing here may fail a run: its answer is there already. */
const append = (path: string, text: string): void => {
  try {
    appendFileSync(path, text);
  } catch (error) {
    process.stderr.write(`warning: ${error instanceof Error ? error.message : String(error)}\n`);
  }
};
