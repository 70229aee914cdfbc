import type { Answer } from "../select/answer.ts";
import { exploratoryMark, exploratorySentence } from "./answer-notes.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { referenceMark, referenceSentence } from "./reference-note.ts";

/** What stands in front of an answer, so that nobody takes it for more than it is. */
export interface AnswerMark {
  readonly mark: string;
  readonly sentence: string;
}

export const answerMarks = (answer: Answer): readonly AnswerMark[] => [
  ...marked(exploratoryMark, exploratorySentence(answer)),
  ...marked(referenceMark(answer), referenceSentence(answer)),
];

const marked = (mark: string, sentence: string | undefined): AnswerMark[] =>
  sentence === undefined ? [] : [{ mark, sentence }];

/** The same as quotations in Markdown. */
export const markdownMarks = (answer: Answer): string[] =>
  answerMarks(answer).map(({ mark, sentence }) => `> **${mark}**: ${escapeMarkdown(sentence)}`);
