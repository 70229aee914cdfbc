import type { Answer } from "../../select/answer.ts";
import type { Figures } from "../plot/figures.ts";
import { answerHead, leadSentence } from "./answer-panel.ts";
import { document } from "./document.ts";
import { markup } from "./markup.ts";
import { panelsOf } from "./panels.ts";

/**
 * `report.html`: the answer first, then the evidence, in one file that loads nothing and runs nothing. The same answer
 * gives the same bytes.
 */
export const formatHtml = (answer: Answer, figures: Figures): string => {
  const panels = panelsOf(answer, figures);
  const title = `${answer.pipeline}: ${answer.choice === null ? "no quant passed" : answer.choice.type}`;
  return document(
    { title, description: leadSentence(answer) },
    markup`
<nav aria-label="Sections"><ul>${panels.map(({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>
${answerHead(answer)}
${panels.map(
  ({ id, title: name, body }) => markup`
<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${name}</h2>
${body}
</section>`,
)}
</main>`,
  );
};
