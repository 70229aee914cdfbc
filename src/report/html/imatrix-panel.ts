import type { Answer } from "../../select/answer.ts";
import { imatrixItems } from "../imatrix-items.ts";
import { formatCount, formatShare } from "../quantity.ts";
import { markup, type Markup } from "./markup.ts";
import { numberAt } from "./number.ts";
import type { MakePanel } from "./panel.ts";
import { htmlTable } from "./table.ts";

/** The importance matrix: how much text it has seen and from where, what that reached, and where its weight lies. */
export const imatrixPanel: MakePanel = (answer) => ({
  id: "importance-matrix",
  title: "Importance matrix",
  body: markup`<p>Made of ${numberAt(answer, ["imatrix", "chunks"], formatCount)} chunks of ${numberAt(answer, ["imatrix", "context"], String)} tokens.
SHA-256 <code class="digest">${answer.imatrix.sha256}</code></p>
<ul>${imatrixItems(answer.imatrix).map((item) => markup`<li>${item}</li>`)}</ul>
${answer.imatrix.sources.length === 0 ? "" : parts(answer)}
${important(answer)}`,
});

const parts = (answer: Answer): Markup =>
  htmlTable(
    "Parts of the importance matrix",
    [
      { header: "source", align: "left" },
      { header: "counts as chunks", align: "right", origin: "measured" },
      { header: "collected", align: "right", origin: "measured" },
      { header: "SHA-256", align: "left" },
    ],
    answer.imatrix.sources.map(({ id, sha256 }, index) => ({
      cells: [
        id,
        numberAt(answer, ["imatrix", "sources", index, "chunks"], formatCount),
        numberAt(answer, ["imatrix", "sources", index, "collected"], formatCount),
        markup`<code class="digest">${sha256}</code>`,
      ],
    })),
  );

const important = (answer: Answer): Markup =>
  htmlTable(
    "Weights with the largest activations",
    [
      { header: "weight", align: "left" },
      { header: "importance", align: "right", origin: "derived" },
      { header: "evenness", align: "right", origin: "derived" },
      { header: "strongest 1 %", align: "right", origin: "derived" },
    ],
    answer.imatrix.important.map(({ weight }, index) => ({
      cells: [
        weight,
        numberAt(answer, ["imatrix", "important", index, "importance"], (value) => value.toPrecision(4)),
        numberAt(answer, ["imatrix", "important", index, "entropy"], (value) => value.toFixed(3)),
        numberAt(answer, ["imatrix", "important", index, "concentration"], (value) =>
          formatShare(Math.round(value * 1000) / 1000),
        ),
      ],
    })),
  );
