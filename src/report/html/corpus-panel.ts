import { byCodeUnit } from "../../base/canonical.ts";
import type { Answer } from "../../select/answer.ts";
import { foreignSentence, overlapSentence } from "../corpus-sentences.ts";
import { formatCount, formatShare, nothing } from "../quantity.ts";
import { markup, type Content } from "./markup.ts";
import { numberAt } from "./number.ts";
import { prose, shown, type MakePanel } from "./panel.ts";
import { htmlTable, type HtmlColumn } from "./table.ts";

/** Where the text came from, what was left out of it, and whether held-out text was seen before. */
export const corpusPanel: MakePanel = (answer, { shares }) => ({
  id: "corpus",
  title: "Corpus",
  body: markup`<div class="grid">${shown(shares, "The text that the importance matrix was made of. Sources that are only held out are not in it.")}
<div>${prose([overlapSentence(answer.corpus), foreignSentence(answer.corpus)])}</div></div>
${htmlTable(
  "Sources",
  columns,
  answer.corpus.sources.map((source, index) => ({ cells: cellsOf(answer, source, index) })),
)}`,
});

const columns: readonly HtmlColumn[] = [
  { header: "source", align: "left" },
  { header: "domain", align: "left" },
  { header: "licence", align: "left" },
  { header: "share", align: "right", origin: "given" },
  { header: "documents", align: "right", origin: "measured" },
  { header: "kept", align: "right", origin: "measured" },
  { header: "dropped", align: "left", origin: "measured" },
  { header: "replaced", align: "left", origin: "measured" },
  { header: "used", align: "right", origin: "measured" },
  { header: "chunks", align: "right", origin: "measured" },
  { header: "tokens", align: "right", origin: "measured" },
];

type Source = Answer["corpus"]["sources"][number];

const cellsOf = (answer: Answer, source: Source, index: number): Content[] => {
  const path = ["corpus", "sources", index] as const;
  return [
    source.id,
    source.domain,
    source.license ?? nothing,
    source.holdoutOnly ? "held out" : numberAt(answer, [...path, "share"], formatShare),
    numberAt(answer, [...path, "documents"], formatCount),
    numberAt(answer, [...path, "kept"], formatCount),
    counts(answer, [...path, "dropped"], source.dropped),
    counts(answer, [...path, "masked"], source.masked),
    numberAt(answer, [...path, "calibration", "documents"], formatCount),
    numberAt(answer, [...path, "calibration", "chunks"], formatCount),
    numberAt(answer, [...path, "calibration", "tokens"], formatCount),
  ];
};

const counts = (
  answer: Answer,
  path: readonly (string | number)[],
  numbers: Readonly<Record<string, number>>,
): Content => {
  const names = Object.keys(numbers)
    .filter((name) => (numbers[name] ?? 0) > 0)
    .sort(byCodeUnit);
  return names.length === 0
    ? nothing
    : names.map((name, index) => [index === 0 ? "" : ", ", numberAt(answer, [...path, name], formatCount), ` ${name}`]);
};
