import { formatBytes } from "../base/units.ts";
import type { Answer, ReportedCandidate, ReportedSource } from "../select/answer.ts";
import { exploratoryMark, exploratorySentence } from "./answer-notes.ts";
import { choiceSentence, refusedSentence } from "./answer-sentences.ts";
import { verdictWords } from "./answer-table.ts";
import { escapeMarkdown as text } from "./escape-markdown.ts";
import { formatFrontMatter, licenceOf } from "./front-matter.ts";
import { list, rows } from "./markdown-blocks.ts";
import { formatBpw, formatCount, formatShare, plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import { quote } from "./shell.ts";

/** `README.md`: a model card for the Hugging Face Hub, to be published beside the chosen file. */
export const formatModelCard = (answer: Answer): string =>
  [
    formatFrontMatter(answer),
    `# ${text(answer.model.name ?? answer.model.file)} in GGUF`,
    ...exploratory(answer),
    text([choiceSentence(answer), refusedSentence(answer) ?? ""].join(" ").trim()),
    "## Files",
    ...files(answer),
    ...howToRun(answer),
    "## Texts",
    ...texts(answer),
    "## Where it comes from",
    origin(answer),
    "## Licence",
    licence(answer),
  ].join("\n\n") + "\n";

const exploratory = (answer: Answer): string[] => {
  const sentence = exploratorySentence(answer);
  return sentence === undefined ? [] : [`> **${exploratoryMark}**: ${text(sentence)}`];
};

/** Name of a file that was built. */
export const fileOf = ({ pipeline }: Answer, type: string): string => `${pipeline}-${type}.gguf`;

const files = (answer: Answer): string[] => {
  const built = answer.candidates.filter(({ sha256 }) => sha256 !== null);
  if (built.length === 0) return ["No file was built."];
  const header = ["file", "size", "bpw", "verdict", "SHA-256"];
  const rule = [":---", "---:", "---:", ":---", ":---"];
  return [
    rows([header, rule, ...built.map((each) => fileRow(each, answer))]),
    answer.choice === null
      ? "None of them was shown to stay within the tolerance, so none is published here."
      : `**${text(answer.choice.file)}** is the one that was chosen and lies here; the others were built to be measured.`,
  ];
};

const fileRow = ({ type, bytes, bpw, verdict, blockedBy, sha256 }: ReportedCandidate, answer: Answer): string[] => {
  const name = text(fileOf(answer, type));
  return [
    type === answer.choice?.type ? `**${name}**` : name,
    formatBytes(bytes),
    formatBpw(bpw),
    `${verdictWords(verdict)}${blockedBy === undefined ? "" : ", does not count"}`,
    `\`${sha256 ?? ""}\``,
  ];
};

const howToRun = ({ choice }: Answer): string[] => {
  if (choice === null) return [];
  const file = quote(safe(choice.file));
  return [
    "## How to run",
    `\`\`\`sh\nllama-cli -m ${file}\nllama-server -m ${file}\n\`\`\``,
    "`sha256sum -c SHA256SUMS` checks what was downloaded. `report.md` has the evidence, `manifest.json` every digest, and " +
      "`reproduce.sh` makes and measures the file again.",
  ];
};

const texts = (answer: Answer): string[] => {
  const { corpus, imatrix, holdout } = answer;
  const header = ["source", "domain", "share", "licence", "documents", "kept", "dropped", "calibration tokens"];
  const rule = header.map((_, index) => (index < 2 || index === 3 ? ":---" : "---:"));
  const domains = holdout.domains.map(({ domain }) => domain).join(", ");
  return [
    `Calibrated on ${plural(imatrix.chunks, "chunk")} of ${formatCount(imatrix.context)} tokens, tested on up to ` +
      `${plural(holdout.units, "unit")} of ${formatCount(holdout.unitTokens)} tokens that did not calibrate: ${text(domains)}.`,
    rows([header, rule, ...corpus.sources.map(sourceRow)]),
    `Of ${plural(corpus.overlap.checked, "held-out document")}, ${formatCount(corpus.overlap.dropped)} shared a run of ` +
      `${formatCount(corpus.overlap.words)} words with text that may calibrate and were dropped.`,
  ];
};

const sourceRow = ({ id, domain, share, license, holdoutOnly, ...source }: ReportedSource): string[] => [
  text(id),
  text(domain),
  holdoutOnly ? "held out" : formatShare(share),
  license === null ? "not stated" : text(license),
  formatCount(source.documents),
  formatCount(source.kept),
  formatCount(Object.values(source.dropped).reduce((sum, count) => sum + count, 0)),
  formatCount(source.calibration.tokens),
];

const origin = ({ model, imatrix, corpus, llamaCpp, card, candidates }: Answer): string => {
  const keys = [...new Set(candidates.flatMap(({ provenance }) => Object.keys(provenance)))];
  return list([
    ...(card.quantizedBy === null ? [] : [`Quantized by ${text(card.quantizedBy)}.`]),
    `Model: ${text(model.file)}, ${formatBytes(model.bytes)}, SHA-256 \`${model.sha256}\`.`,
    `Importance matrix: SHA-256 \`${imatrix.sha256}\`.`,
    `Calibration texts: digest \`${corpus.calibration}\`; corpus/manifest.json: SHA-256 \`${corpus.manifest}\`.`,
    `llama.cpp: ${text(llamaCpp.version)}, digest \`${llamaCpp.digest}\`.`,
    ...(keys.length === 0 ? [] : [`In the header of the files: ${keys.map((key) => text(key)).join(", ")}.`]),
  ]);
};

const licence = (answer: Answer): string => {
  const known = licenceOf({ card: answer.card, stated: answer.model.stated });
  return known === undefined
    ? "The model does not state its licence: look at where it comes from before you publish a quant of it."
    : `That of the model: ${text(known)}.`;
};
