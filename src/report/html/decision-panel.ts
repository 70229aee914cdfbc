import { choiceSentence, refusedSentence } from "../answer-sentences.ts";
import { costSentence, ledgerSentence } from "../answer-notes.ts";
import { modeWords } from "../mode-words.ts";
import { formatCount, formatShare } from "../quantity.ts";
import { markup } from "./markup.ts";
import { numberAt } from "./number.ts";
import { prose, type MakePanel } from "./panel.ts";
import { htmlTable } from "./table.ts";

/** Why this one, why not the next smaller one, and how sure that is. */
export const decisionPanel: MakePanel = (answer) => ({
  id: "why",
  title: "Why",
  body: markup`${prose([choiceSentence(answer), refusedSentence(answer), ledgerSentence(answer), costSentence(answer)])}
<p>Mode ${answer.decision.mode}: ${modeWords[answer.decision.mode]}. Confidence ${numberAt(answer, ["decision", "confidence"], formatShare)}, one-sided;
error rate of this decision ${numberAt(answer, ["decision", "alpha"], formatShare)}. A loss passes at the first look at which Hall’s t lies below minus
the critical value, and is refused at the first at which its mean lies more than two standard errors above the limit.</p>
${htmlTable(
  "Looks at the held-out text",
  [
    { header: "look", align: "left" },
    { header: "units", align: "right", origin: "given" },
    { header: "level", align: "right", origin: "derived" },
    { header: "critical value", align: "right", origin: "derived" },
  ],
  answer.decision.looks.map((_look, index) => ({
    cells: [
      index + 1,
      numberAt(answer, ["decision", "looks", index, "units"], formatCount),
      numberAt(answer, ["decision", "looks", index, "level"], (level) => `${Number((level * 100).toPrecision(3))} %`),
      numberAt(answer, ["decision", "looks", index, "critical"], (critical) => critical.toFixed(3)),
    ],
  })),
)}`,
});
