import { formatCount } from "../quantity.ts";
import { markup } from "./markup.ts";
import { numberAt } from "./number.ts";
import type { MakePanel } from "./panel.ts";
import { htmlTable } from "./table.ts";

/** The importance matrix: how much text it has seen, from where, and which bytes it is. */
export const imatrixPanel: MakePanel = (answer) => ({
  id: "importance-matrix",
  title: "Importance matrix",
  body: markup`<p>Made of ${numberAt(answer, ["imatrix", "chunks"], formatCount)} chunks of ${numberAt(answer, ["imatrix", "context"], String)} tokens,
one matrix for each source and then their sum. SHA-256 <code class="digest">${answer.imatrix.sha256}</code></p>
${htmlTable(
  "Parts of the importance matrix",
  [
    { header: "source", align: "left" },
    { header: "chunks", align: "right", origin: "measured" },
    { header: "SHA-256", align: "left" },
  ],
  answer.imatrix.sources.map(({ id, sha256 }, index) => ({
    cells: [
      id,
      numberAt(answer, ["imatrix", "sources", index, "chunks"], formatCount),
      markup`<code class="digest">${sha256}</code>`,
    ],
  })),
)}`,
});
