import { p99Sentence } from "../answer-notes.ts";
import { markup } from "./markup.ts";
import { prose, shown, type MakePanel } from "./panel.ts";

/** The divergence from the full-precision model: its mean, and how it spreads over the text. */
export const divergencePanel: MakePanel = (answer, { kld, tail }) => ({
  id: "divergence",
  title: "Divergence and its tail",
  body: markup`<div class="grid">${kld.map((figure) => shown(figure, `${figure.caption}. Marks as above, the verdict of this measure alone.`))}
${shown(tail, "A row a candidate, on its worst domain: the line reaches from the smallest to the largest unit of text, the box holds the middle half, the thick stroke is the median. A tail far to the right is text on which the candidate does much worse than its mean says. No verdict rests on it.")}</div>
${prose([p99Sentence(answer)])}`,
});
