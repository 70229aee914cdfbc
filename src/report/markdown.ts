import { byCodeUnit } from "../base/canonical.ts";
import { formatBytes } from "../base/units.ts";
import type { Answer, ReportedCandidate, ReportedSource } from "../select/answer.ts";
import { ablationSections } from "./markdown-ablation.ts";
import { markdownMarks } from "./answer-marks.ts";
import { candidateNotes, ledgerSentence, p99Sentence } from "./answer-notes.ts";
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
import { foreignSentence, overlapSentence } from "./corpus-sentences.ts";
import { escapeMarkdown as text } from "./escape-markdown.ts";
import { fitMarkdown, type Section } from "./fit-markdown.ts";
import { answerFitBlocks } from "./fit/answer-fit.ts";
import { blocksToMarkdown } from "./fit/blocks.ts";
import { list, rows as table } from "./markdown-blocks.ts";
import { imatrixSentences } from "./imatrix-sentences.ts";
import { imatrixSection } from "./markdown-imatrix.ts";
import { decision, measured } from "./markdown-measured.ts";
import { originWords } from "./origin-words.ts";
import { capital, formatCount, formatShare, plural } from "./quantity.ts";

/**
 * `report.md`: the answer first, then the evidence and how to repeat it. The same answer gives the same bytes. It fits a
 * comment on a pull request: details are folded, and with very many candidates the longest of them are left out for one
 * line each. What was chosen, why, and what was refused always stays; so do the neighbours of the choice in the table.
 */
export const formatMarkdown = (answer: Answer): string =>
  fitMarkdown([
    // Whoever reads only the first line must not take the answer for more than it is.
    ...markdownMarks(answer).map((line) => ({ text: line })),
    { text: `# ${text(answer.pipeline)}: ${answer.choice === null ? "no quant passed" : text(answer.choice.type)}` },
    ...chosenFile(answer).map((line) => ({ text: line })),
    { text: plotLink(answer) },
    candidateSection(answer),
    { text: text(legend(answer)) },
    { text: "## Why" },
    ...why(answer),
    ...byDomain(answer),
    ...ablationSections(answer, leftOut),
    ...fitted(answer),
    { text: "## What was measured" },
    { text: measured(answer), shorter: leftOut, rank: 3 },
    { text: folded("Decision", decision(answer)), shorter: "", rank: 5 },
    { text: folded("Calibration", calibration(answer)), shorter: "", rank: 6 },
    { text: folded("Importance matrix", imatrixSection(answer)), shorter: "", rank: 6 },
    ...fallbacks(answer),
    { text: "## How to reproduce" },
    { text: reproduction(answer) },
    { text: folded("How the numbers came to be", meanings()), shorter: "", rank: 4 },
  ]);

const fitted = ({ fit }: Answer): Section[] =>
  fit === undefined
    ? []
    : [
        { text: "## Memory and context" },
        { text: blocksToMarkdown(answerFitBlocks(fit), "###"), shorter: leftOut, rank: 6 },
      ];

const leftOut = "This part would make the text too long for a comment; it stands in `report.html` and `report.json`.";

/** Closed at first: what it holds is for those who ask. The empty lines let Markdown go on inside. */
const folded = (title: string, content: string): string =>
  `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;

const plotLink = ({ candidates }: Answer): string =>
  `![Size against loss of ${plural(candidates.length, "candidate")}: the loss as a part of the tolerance](curve.svg)`;

const chosenFile = ({ choice }: Answer): string[] =>
  choice === null ? [] : [`**${text(choice.file)}**, ${formatBytes(choice.bytes)}, SHA-256 \`${choice.sha256}\``];

const answerTable = (columns: readonly AnswerColumn[], rows: readonly Row[], { choice }: Answer): string => {
  const lines = rows.map((row) => {
    const cells = [...columns.map(({ cell }) => text(cell(row))), verdict(row)];
    return row.candidate.type === choice?.type ? cells.map((cell) => `**${cell}**`) : cells;
  });
  const aligned = columns.map(({ align }) => (align === "right" ? "---:" : ":---"));
  return table([[...columns.map(({ header }) => header), "verdict"], [...aligned, ":---"], ...lines]);
};

const verdict = ({ candidate: { blockedBy }, verdict: given }: Row): string =>
  `${verdictWords(given)}${blockedBy === undefined ? "" : ", does not count"}`;

const candidateSection = (answer: Answer): Section => {
  const columns = candidateColumns(answer);
  const rows = candidateRows(answer);
  const near = rows.filter(({ candidate }, index) => isNear(candidate, index, answer));
  const fewer = answerTable(columns, near, answer);
  const note = `${plural(rows.length - near.length, "candidate")} far from the choice left out here; report.html has them all.`;
  return { text: answerTable(columns, rows, answer), shorter: `${fewer}\n\n${note}`, rank: 1 };
};

/** The choice, what was refused after it, and five on both sides. */
const isNear = ({ type }: ReportedCandidate, index: number, { choice, refused, candidates }: Answer): boolean => {
  const middle = candidates.findIndex((each) => each.type === (choice?.type ?? refused));
  return type === choice?.type || type === refused || Math.abs(index - middle) <= 5;
};

const byDomain = (answer: Answer): Section[] => {
  const rows = domainRows(answer);
  if (rows.length === 0) return [];
  const all = answerTable(domainColumns(answer), rows, answer);
  const near = rows.filter(({ candidate: { type } }) => type === answer.choice?.type || type === answer.refused);
  return [
    { text: "## By domain" },
    { text: all, shorter: `${answerTable(domainColumns(answer), near, answer)}\n\n${leftOut}`, rank: 7 },
  ];
};

const why = (answer: Answer): Section[] => {
  const always = [choiceSentence(answer), refusedSentence(answer), ledgerSentence(answer)];
  const notes = [...candidateNotes(answer), p99Sentence(answer), ...imatrixSentences(answer)];
  return [{ text: written(always) }, { text: written(notes), shorter: leftOut, rank: 2 }];
};

const written = (sentences: readonly (string | undefined)[]): string =>
  sentences.flatMap((sentence) => (sentence === undefined ? [] : [text(sentence)])).join("\n\n");

const calibration = ({ imatrix, corpus }: Answer): string => {
  const rows = corpus.sources.map(({ id, domain, share, documents, kept, calibration: used, holdoutOnly }) => [
    text(id),
    text(domain),
    holdoutOnly ? "held out" : formatShare(share),
    formatCount(documents),
    formatCount(kept),
    formatCount(used.documents),
    used.chunks >= used.wanted
      ? formatCount(used.chunks)
      : `${formatCount(used.chunks)} of ${formatCount(used.wanted)}`,
    formatCount(used.tokens),
  ]);
  const header = ["source", "domain", "share", "documents", "kept", "used", "chunks", "tokens"];
  return [
    `Importance matrix over ${plural(imatrix.chunks, "chunk")} of ${imatrix.context} tokens, SHA-256 \`${imatrix.sha256}\`.`,
    table([header, header.map((_, index) => (index < 2 ? ":---" : "---:")), ...rows]),
    list([...corpus.sources.flatMap(cleaned), overlapSentence(corpus), ...optional(foreignSentence(corpus))]),
  ].join("\n\n");
};

/** What was done to the documents of a source, by the reasons for which it was done. */
const cleaned = ({ id, dropped, masked, boilerplateLines, license }: ReportedSource): string[] => {
  const [counts, secrets] = [inOrder(dropped), inOrder(masked)];
  const parts = [
    ...(license === null ? [] : [`licence ${text(license)}`]),
    ...(counts.length === 0 ? [] : [`dropped ${listCounts(counts)}`]),
    ...(boilerplateLines === 0 ? [] : [`${plural(boilerplateLines, "line")} of boilerplate removed`]),
    ...(secrets.length === 0 ? [] : [`replaced ${listCounts(secrets)}`]),
  ];
  return parts.length === 0 ? [] : [`${text(id)}: ${parts.join("; ")}.`];
};

const listCounts = (counts: readonly (readonly [string, number])[]): string =>
  counts.map(([name, count]) => `${formatCount(count)} ${text(name)}`).join(", ");

/** What was counted at all, by name. */
const inOrder = (counts: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => byCodeUnit(a, b));

const optional = (sentence: string | undefined): string[] => (sentence === undefined ? [] : [sentence]);

/** Tensors that did not get the type asked for, which makes a file larger than its name says. */
const fallbacks = ({ candidates }: Answer): Section[] => {
  const items = candidates.flatMap(({ type, fallbacks: got }) => {
    const parts = Object.entries(got).sort(([a], [b]) => byCodeUnit(a, b));
    return parts.length === 0
      ? []
      : [`${text(type)}: ${parts.map(([to, count]) => `${plural(count, "tensor")} as ${text(to)}`).join(", ")}`];
  });
  if (items.length === 0) return [];
  return [{ text: folded("Tensors with another type than asked for", list(items)), shorter: "", rank: 8 }];
};

const reproduction = ({ reproduce, choice }: Answer): string =>
  [
    `\`reproduce.sh\`, beside this file, ${choice === null ? "measures the full-precision model" : "rebuilds and measures the choice"} ` +
      `again with ${plural(reproduce.length, "command")}. In an empty directory:`,
    "```sh\nLLAMA_CPP_DIR=/path/to/llama.cpp/build/bin sh /path/to/reproduce.sh [MODEL.gguf]\n```",
    "It checks the model and every file with a recorded digest, and keeps what each tool printed.",
  ].join("\n\n");

/** Which number has which origin stands in `report.json`, number by number; here is what the words mean. */
const meanings = (): string =>
  [
    "The field `origins` of `report.json` says it for every number: sizes and counts are measured, means derived, bounds estimated.",
    list(Object.entries(originWords).map(([origin, words]) => `${capital(origin)}: ${words}`)),
  ].join("\n\n");
