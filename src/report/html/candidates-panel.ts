import { formatBytes } from "../../base/units.ts";
import type { Answer } from "../../select/answer.ts";
import type { Measure, Verdict } from "../../select/verdict.ts";
import { candidateNotes } from "../answer-notes.ts";
import { candidateRows, legend, verdictWords, type Row } from "../answer-table.ts";
import { formatBpw, formatCount, formatKld, formatPpl, formatRise, formatSameTop, nothing } from "../quantity.ts";
import { decidedAt } from "../worst-domain.ts";
import { markup, type Content, type Markup } from "./markup.ts";
import { derived, numberAt } from "./number.ts";
import { prose, type MakePanel } from "./panel.ts";
import { htmlTable, type HtmlColumn } from "./table.ts";

/** All candidates, with the numbers of their worst domain. */
export const candidatesPanel: MakePanel = (answer) => ({
  id: "candidates",
  title: "Candidates",
  body: markup`${htmlTable(
    "Candidates from the largest file to the smallest",
    columnsOf(answer),
    candidateRows(answer).map((row) => ({
      marked: row.candidate.type === answer.choice?.type,
      cells: [
        row.candidate.type,
        numberAt(answer, [...pathOf(answer, row), "bytes"], formatBytes),
        numberAt(answer, [...pathOf(answer, row), "bpw"], formatBpw),
        ...(answer.tolerances.length > 1 ? [row.result?.domain ?? nothing] : []),
        ...resultCells(answer, row),
        verdictCell(row),
      ],
    })),
  )}
<p class="quiet">${legend(answer)}</p>
${prose(candidateNotes(answer))}`,
});

const columnsOf = (answer: Answer): HtmlColumn[] => [
  { header: "type", align: "left" },
  { header: "size", align: "right", origin: "measured" },
  { header: "bpw", align: "right", origin: "measured" },
  ...(answer.tolerances.length > 1 ? [{ header: "worst in", align: "left" as const }] : []),
  ...resultColumns(answer),
  { header: "verdict", align: "left" },
];

/** The columns of one candidate on one domain. */
export const resultColumns = ({ tolerances }: Answer): HtmlColumn[] => [
  { header: "PPL", align: "right", origin: "derived" },
  { header: "Δ %", align: "right", origin: "derived" },
  { header: "≤", align: "right", origin: "estimated" },
  { header: "KLD", align: "right", origin: "derived" },
  { header: "≤", align: "right", origin: "estimated" },
  ...(hasTop(tolerances)
    ? [
        { header: "top %", align: "right" as const, origin: "derived" as const },
        { header: "≥", align: "right" as const, origin: "estimated" as const },
      ]
    : []),
  { header: "units", align: "right", origin: "derived" },
];

const hasTop = (tolerances: Answer["tolerances"]): boolean => tolerances.some(({ sameTop }) => sameTop !== null);

/** The cells under these columns. */
export const resultCells = (answer: Answer, row: Row): Content[] => {
  const { result } = row;
  if (result === undefined) return resultColumns(answer).map(() => nothing);
  const path = [...pathOf(answer, row), "domains", row.candidate.domains.indexOf(result)];
  const gate = (measure: Measure, field: "mean" | "upper", format: (value: number) => string): Content => {
    const place = result.gates.findIndex((each) => each.measure === measure);
    return place === -1 ? nothing : numberAt(answer, [...path, "gates", place, field], format);
  };
  const at = decidedAt(result);
  return [
    numberAt(answer, [...path, "ppl"], formatPpl),
    gate("lnPplRatio", "mean", (value) => formatRise(value)),
    gate("lnPplRatio", "upper", (value) => formatRise(value)),
    gate("kld", "mean", (value) => formatKld(value)),
    gate("kld", "upper", (value) => formatKld(value)),
    ...(hasTop(answer.tolerances)
      ? [
          gate("topLoss", "mean", (value) => formatSameTop(value)),
          gate("topLoss", "upper", (value) => formatSameTop(value)),
        ]
      : []),
    markup`${derived(formatCount(at), at, "the look that settled the verdict")}${at === result.units ? "" : markup`/${numberAt(answer, [...path, "units"], formatCount)}`}`,
  ];
};

const pathOf = ({ candidates }: Answer, { candidate }: Row): readonly (string | number)[] => [
  "candidates",
  candidates.indexOf(candidate),
];

const verdictCell = ({ candidate: { blockedBy }, verdict }: Row): Markup =>
  markup`${verdictMark(verdict)}${blockedBy === undefined ? "" : ", does not count"}`;

/** A verdict with its sign; the colour only repeats it. */
export const verdictMark = (verdict: Verdict): Markup =>
  markup`<span class="verdict ${verdict.toLowerCase()}">${verdictWords(verdict)}</span>`;
