import { domainRows } from "../answer-table.ts";
import { resultCells, resultColumns, verdictMark } from "./candidates-panel.ts";
import { markup } from "./markup.ts";
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
    body: markup`<div class="grid">${[...perplexity, ...topLoss].map((figure) => shown(figure, `${figure.caption}. Marks as above, the verdict of this measure alone.`))}</div>
${rows.length === 0 ? "" : htmlTable("Candidates by domain", [{ header: "type", align: "left" }, { header: "domain", align: "left" }, ...resultColumns(answer), { header: "verdict", align: "left" }], rows)}`,
  };
};
