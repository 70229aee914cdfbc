import type { Answer } from "../../select/answer.ts";
import type { Fit, FitChoice } from "../../select/fit/fit.ts";
import { fitSentences } from "../fit/answer-fit.ts";
import { budgetWords, bytesOrNothing, componentWords, limitWords, refusalWords } from "../fit/words.ts";
import { formatCount, nothing } from "../quantity.ts";
import { shellWords } from "../shell.ts";
import { markup, type Markup } from "./markup.ts";
import { numberAt } from "./number.ts";
import { prose, type MakePanel } from "./panel.ts";
import { htmlTable } from "./table.ts";

/** What the choice takes of the GPU, how long a context fits, and the command that loads it so. */
export const memoryPanel: MakePanel = (answer) => {
  const { fit } = answer;
  if (fit === undefined) return undefined;
  const { choice, server } = fit;
  return {
    id: "memory",
    title: "Memory and context",
    body: markup`${prose(fitSentences(fit))}
${choice === null ? "" : markup`${bar(fit, choice)}${components(answer, choice)}${contexts(answer, fit, choice)}`}
${server === null ? "" : markup`<pre><code>${shellWords(["llama-server", ...server])}</code></pre>`}`,
  };
};

/** One stretch of the bar, bytes of the card. */
interface Stretch {
  readonly name: string;
  readonly bytes: number;
}

/** All of the card from left to right: what the model takes, what is free, what is kept. */
const stretchesOf = ({ card, budget }: Fit, { loading }: FitChoice): Stretch[] => {
  const parts = loading.components.filter(({ gpu }) => gpu > 0);
  const kept = Math.min(
    card.vram,
    budget.parts.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  return [
    ...parts.map(({ name, gpu }) => ({ name: componentWords[name], bytes: gpu })),
    { name: "left over", bytes: Math.max(0, card.vram - kept - loading.gpu) },
    { name: "driver and margin", bytes: kept },
  ].filter(({ bytes }) => bytes > 0);
};

const width = 860;

/** Shades of the text's own colour, so that it is seen in light and dark, and every stretch has its words. */
const bar = (fit: Fit, choice: FitChoice): Markup => {
  const stretches = stretchesOf(fit, choice);
  const all = stretches.reduce((sum, { bytes }) => sum + bytes, 0);
  const ends = stretches.map((_, index) => stretches.slice(0, index).reduce((sum, { bytes }) => sum + bytes, 0));
  const words = stretches.map(({ name, bytes }) => `${name} ${bytesOrNothing(bytes)}`).join(", ");
  return markup`<figure><svg viewBox="0 0 ${width} 40" role="img" aria-label="${words}" width="100%">${stretches.map(
    ({ name, bytes }, index) => markup`
<rect x="${px((ends[index] ?? 0) / all)}" y="2" width="${px(bytes / all)}" height="36" fill="currentColor"
 fill-opacity="${(0.85 - (0.75 * index) / stretches.length).toFixed(2)}" stroke="currentColor" stroke-width="0.5"><title>${name}, ${bytesOrNothing(bytes)}</title></rect>`,
  )}</svg><figcaption>From left to right: ${words}. ${budgetWords(fit.card, fit.budget)}</figcaption></figure>`;
};

const px = (part: number): string => (width * part).toFixed(1);

const components = (answer: Answer, { loading }: FitChoice): Markup =>
  htmlTable(
    "What the memory is made of",
    [
      { header: "part", align: "left" },
      { header: "GPU", align: "right", origin: "estimated" },
      { header: "main memory", align: "right", origin: "estimated" },
      { header: "number", align: "left" },
    ],
    loading.components.map(({ name, how }, index) => ({
      cells: [
        componentWords[name],
        numberAt(answer, ["fit", "choice", "loading", "components", index, "gpu"], bytesOrNothing),
        numberAt(answer, ["fit", "choice", "loading", "components", index, "cpu"], bytesOrNothing),
        how,
      ],
    })),
  );

const contexts = (answer: Answer, { candidates }: Fit, { type }: FitChoice): Markup => {
  const at = candidates.findIndex((each) => each.type === type);
  return htmlTable(
    "Longest context by type of the cache",
    [
      { header: "cache", align: "left" },
      { header: "tokens", align: "right", origin: "estimated" },
      { header: "GPU", align: "right", origin: "estimated" },
      { header: "what ends it", align: "left" },
    ],
    (candidates[at]?.rows ?? []).map((row, index) => {
      const path = ["fit", "candidates", at, "rows", index];
      const cells =
        "refused" in row
          ? [row.kv, nothing, nothing, refusalWords(row.refused)]
          : [
              row.kv,
              numberAt(answer, [...path, "perSequence"], formatCount),
              numberAt(answer, [...path, "gpu"], bytesOrNothing),
              limitWords(row),
            ];
      return { cells, marked: index === 0 };
    }),
  );
};
