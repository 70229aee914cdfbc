import { origins, type Origin } from "../../select/origins.ts";
import { originWords } from "../origin-words.ts";
import { markup } from "./markup.ts";
import type { MakePanel } from "./panel.ts";

/** How to read the origin of a number. */
export const originsPanel: MakePanel = () => ({
  id: "origins",
  title: "How the numbers came to be",
  body: markup`<p>Hover a number of a table or of the head: it says how it came to be, where it stands in <code>report.json</code>, and all
its digits. The field <code>origins</code> there says the same for each of the ${Object.keys(origins).length} kinds of number.</p>
<dl class="origins">${(Object.keys(originWords) as Origin[]).map((origin) => markup`<div><dt>${origin}</dt><dd>${originWords[origin]}</dd></div>`)}</dl>`,
});
