import { byCodeUnit } from "../base/canonical.ts";
import { formatBytes } from "../base/units.ts";
import type { Answer, ReportedSource } from "../select/answer.ts";
import { candidateNotes, exploratoryMark, exploratorySentence, ledgerSentence, p99Sentence } from "./answer-notes.ts";
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
import { escapeMarkdown as text } from "./escape-markdown.ts";
import { answerFitBlocks } from "./fit/answer-fit.ts";
import { blocksToMarkdown } from "./fit/blocks.ts";
import { list, rows as table } from "./markdown-blocks.ts";
import { decision, measured } from "./markdown-measured.ts";
import { formatCount, formatShare, plural } from "./quantity.ts";

/** `report.md`: the answer first, then the evidence and how to repeat it. The same answer gives the same bytes. */
export const formatMarkdown = (answer: Answer): string =>
  [
    ...exploratory(answer),
    `# ${text(answer.pipeline)}: ${answer.choice === null ? "no quant passed" : text(answer.choice.type)}`,
    ...chosenFile(answer),
    answerTable(candidateColumns(answer), candidateRows(answer), answer),
    text(legend(answer)),
    "## Why",
    ...why(answer),
    ...byDomain(answer),
    ...(answer.fit === undefined
      ? []
      : ["## Memory and context", blocksToMarkdown(answerFitBlocks(answer.fit), "###")]),
    "## What was measured",
    measured(answer),
    "### Decision",
    decision(answer),
    "### Calibration",
    calibration(answer),
    ...fallbacks(answer),
    "## How to reproduce",
    reproduction(answer),
    "## How the numbers came to be",
    origins(answer),
  ].join("\n\n") + "\n";

const chosenFile = ({ choice }: Answer): string[] =>
  choice === null ? [] : [`**${text(choice.file)}**, ${formatBytes(choice.bytes)}, SHA-256 \`${choice.sha256}\``];

/** The first line of the file: whoever reads only that must not take the answer for more than it is. */
const exploratory = (answer: Answer): string[] => {
  const sentence = exploratorySentence(answer);
  return sentence === undefined ? [] : [`> **${exploratoryMark}**: ${text(sentence)}`];
};

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

const byDomain = (answer: Answer): string[] => {
  const rows = domainRows(answer);
  return rows.length === 0 ? [] : ["## By domain", answerTable(domainColumns(answer), rows, answer)];
};

const why = (answer: Answer): string[] =>
  [
    choiceSentence(answer),
    refusedSentence(answer),
    ...candidateNotes(answer),
    p99Sentence(answer),
    ledgerSentence(answer),
  ].flatMap((sentence) => (sentence === undefined ? [] : [text(sentence)]));

const calibration = ({ imatrix, corpus }: Answer): string => {
  const rows = corpus.sources.map(({ id, domain, share, documents, kept, calibration: used, holdoutOnly }) => [
    text(id),
    text(domain),
    holdoutOnly ? "held out" : formatShare(share),
    formatCount(documents),
    formatCount(kept),
    formatCount(used.documents),
    used.chunks === used.wanted
      ? formatCount(used.chunks)
      : `${formatCount(used.chunks)} of ${formatCount(used.wanted)}`,
    formatCount(used.tokens),
  ]);
  const header = ["source", "domain", "share", "documents", "kept", "used", "chunks", "tokens"];
  return [
    `Importance matrix over ${plural(imatrix.chunks, "chunk")} of ${imatrix.context} tokens, SHA-256 \`${imatrix.sha256}\`.`,
    table([header, header.map((_, index) => (index < 2 ? ":---" : "---:")), ...rows]),
    list([...corpus.sources.flatMap(cleaned), overlapSentence(corpus), ...foreign(corpus)]),
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

const overlapSentence = ({ overlap: { words, checked, dropped, exempt } }: Answer["corpus"]): string =>
  `Overlap: of ${plural(checked, "held-out document")}, ${formatCount(dropped)} shared a run of ${words} words with text that may ` +
  `calibrate and ${dropped === 1 ? "was" : "were"} dropped` +
  (exempt === 0 ? "." : `; ${plural(exempt, "run")} were left out as boilerplate.`);

const foreign = ({ foreignUnits }: Answer["corpus"]): string[] =>
  foreignUnits === 0
    ? []
    : [`${plural(foreignUnits, "unit")} of the holdout got more than 5 % of its tokens from a neighbour.`];

/** Tensors that did not get the type asked for, which makes a file larger than its name says. */
const fallbacks = ({ candidates }: Answer): string[] => {
  const items = candidates.flatMap(({ type, fallbacks: got }) => {
    const parts = Object.entries(got).sort(([a], [b]) => byCodeUnit(a, b));
    return parts.length === 0
      ? []
      : [`${text(type)}: ${parts.map(([to, count]) => `${plural(count, "tensor")} as ${text(to)}`).join(", ")}`];
  });
  return items.length === 0 ? [] : ["### Tensors with another type than asked for", list(items)];
};

const reproduction = ({ reproduce, choice }: Answer): string =>
  [
    `\`reproduce.sh\`, beside this file, ${choice === null ? "measures the full-precision model" : "rebuilds and measures the choice"} ` +
      `again with ${plural(reproduce.length, "command")}. In an empty directory:`,
    "```sh\nLLAMA_CPP_DIR=/path/to/llama.cpp/build/bin sh /path/to/reproduce.sh [MODEL.gguf]\n```",
    "It checks the model and every file with a recorded digest, and keeps what each tool printed.",
  ].join("\n\n");

const origins = (answer: Answer): string =>
  [
    list(
      Object.entries(answer.origins)
        .sort(([a], [b]) => byCodeUnit(a, b))
        .map(([name, origin]) => `${text(name)}: ${text(origin)}`),
    ),
    "Measured: read off a file or printed by a tool. Derived: computed from measured numbers without an assumption. " +
      "Estimated: holds under a model, here that units of text are independent draws of their domain.",
  ].join("\n\n");
