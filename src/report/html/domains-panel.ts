import type { Answer } from "../../select/answer.ts";
import { domainRows } from "../answer-table.ts";
import { formatCount, formatPpl, formatSameTop, formatSmall as small } from "../quantity.ts";
import { resultCells, resultColumns, verdictMark } from "./candidates-panel.ts";
import { markup, type Markup } from "./markup.ts";
import { numberAt } from "./number.ts";
import { shown, type MakePanel } from "./panel.ts";
import { htmlTable } from "./table.ts";

/** Each domain in the unit that people know; a table of them where there are several. */
export const domainsPanel: MakePanel = (answer, { perplexity, topLoss }) => {
  const rows = domainRows(answer).map((row) => ({
    marked: row.candidate.type === answer.choice?.type,
    cells: [row.candidate.type, row.result?.domain ?? "", ...resultCells(answer, row), verdictMark(row.verdict)],
  }));
  return {
    id: "domains",
    title: answer.tolerances.length > 1 ? "By domain" : "Perplexity",
    body: markup`<div class="grid">${[...perplexity, ...topLoss].map((figure) => shown(figure, `${figure.caption}. Marks as above, the verdict of this measure alone.`))}${fullPrecision(answer)}</div>
${rows.length === 0 ? "" : htmlTable("Candidates by domain", [{ header: "type", align: "left" }, { header: "domain", align: "left" }, ...resultColumns(answer), { header: "verdict", align: "left" }], rows)}`,
  };
};

/** What the full-precision model measures against itself bounds what can be shown of a quant. */
const fullPrecision = (answer: Answer): Markup =>
  htmlTable(
    "The full-precision model, and what it measures against itself",
    [
      { header: "domain", align: "left" },
      { header: "units", align: "right", origin: "measured" },
      { header: "PPL", align: "right", origin: "derived" },
      { header: "ln(PPL ratio)", align: "right", origin: "derived" },
      { header: "KLD", align: "right", origin: "derived" },
      { header: "top %", align: "right", origin: "derived" },
    ],
    answer.holdout.domains.map(({ domain }, index) => {
      const path = ["holdout", "domains", index] as const;
      return {
        cells: [
          domain,
          numberAt(answer, [...path, "units"], formatCount),
          numberAt(answer, [...path, "ppl"], formatPpl),
          numberAt(answer, [...path, "noise", "lnPplRatio"], small),
          numberAt(answer, [...path, "noise", "kld"], small),
          numberAt(answer, [...path, "noise", "topLoss"], (loss) => formatSameTop(loss)),
        ],
      };
    }),
  );
