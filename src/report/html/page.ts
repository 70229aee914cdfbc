import { sha256 } from "../../base/canonical.ts";
import type { Answer } from "../../select/answer.ts";
import type { Figures } from "../plot/figures.ts";
import { answerHead, leadSentence } from "./answer-panel.ts";
import { markup, trusted, type Markup } from "./markup.ts";
import { panelsOf } from "./panels.ts";
import { pageSheet } from "./sheet.ts";

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

/** A whole page around a body. Nothing may be loaded, and no style but our own may apply, whatever a name holds. */
export const document = (head: { readonly title: string; readonly description: string }, body: Markup): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${head.description}">
<link rel="icon" href="data:,">
<title>${head.title}</title>
<style>${trusted(pageSheet)}</style>
</head>
<body>${body}
</body>
</html>
`.html;

const policy =
  `default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; ` +
  `style-src 'sha256-${Buffer.from(sha256(pageSheet), "hex").toString("base64")}'`;
