import type { Origin } from "../../select/origins.ts";
import { markup, type Content, type Markup } from "./markup.ts";

export interface HtmlColumn {
  readonly header: string;
  readonly align: "left" | "right";
  /** How the numbers of the column came to be. */
  readonly origin?: Origin;
}

export interface HtmlRow {
  readonly cells: readonly Content[];
  /** Stands out, as the choice does. */
  readonly marked?: boolean;
}

/** A table whose first column names the rows. On a narrow screen it moves inside its own frame, also by keyboard. */
export const htmlTable = (caption: string, columns: readonly HtmlColumn[], rows: readonly HtmlRow[]): Markup => markup`
<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
<table><caption>${caption}</caption>
<thead><tr>${columns.map(headerCell)}</tr></thead>
<tbody>${rows.map((row) => bodyRow(row, columns))}</tbody></table></div>`;

const headerCell = ({ header, align, origin }: HtmlColumn): Markup =>
  markup`<th scope="col" class="${align}">${header}${origin === undefined ? "" : markup`<small>${origin}</small>`}</th>`;

const bodyRow = ({ cells, marked }: HtmlRow, columns: readonly HtmlColumn[]): Markup => markup`
<tr${marked === true ? markup` class="marked"` : ""}>${cells.map((cell, index) =>
  index === 0
    ? markup`<th scope="row">${cell}</th>`
    : markup`<td class="${columns[index]?.align ?? "left"}">${cell}</td>`,
)}</tr>`;
