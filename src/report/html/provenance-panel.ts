import { formatBytes } from "../../base/units.ts";
import type { Answer } from "../../select/answer.ts";
import { formatCount, nothing } from "../quantity.ts";
import { markup, type Content, type Markup } from "./markup.ts";
import { numberAt } from "./number.ts";
import type { MakePanel } from "./panel.ts";
import { htmlTable } from "./table.ts";

/** What went in, by digest, and the commands that make it again. */
export const provenancePanel: MakePanel = (answer) => ({
  id: "provenance",
  title: "Provenance",
  body: markup`${htmlTable(
    "What went in",
    [
      { header: "what", align: "left" },
      { header: "which", align: "left" },
      { header: "SHA-256", align: "left" },
    ],
    inputs(answer).map((cells) => ({ cells })),
  )}
${htmlTable(
  "What was built",
  [
    { header: "type", align: "left" },
    { header: "tensors with another type", align: "left" },
    { header: "SHA-256", align: "left" },
  ],
  answer.candidates.map((each, index) => ({
    cells: [each.type, fallbacks(answer, index), digest(each.sha256)],
    marked: each.type === answer.choice?.type,
  })),
)}
<p>Every llama-perplexity was given: <code>${answer.holdout.flags.length === 0 ? "no other flags" : answer.holdout.flags.join(" ")}</code></p>
<details><summary>Commands that build ${answer.choice === null ? "the measurements" : "the choice"} and measure ${answer.choice === null ? "them" : "it"} again (reproduce.sh runs them)</summary>
<ol>${answer.reproduce.map(({ step, tool, argv }) => markup`<li><span class="quiet">${step}</span><pre tabindex="0">${[tool, ...argv].join(" ")}</pre></li>`)}</ol></details>`,
});

const digest = (sha256: string | null): Content =>
  sha256 === null ? nothing : markup`<code class="digest">${sha256}</code>`;

const inputs = (answer: Answer): Content[][] => {
  const { model, holdout, corpus, llamaCpp } = answer;
  const { backend, device, isa } = llamaCpp.numeric;
  return [
    ["model", modelWords(answer), digest(model.sha256)],
    ["llama.cpp", `${llamaCpp.version}, on ${[backend, device, isa].join(", ")}`, digest(llamaCpp.digest)],
    ...holdout.shards.map(({ domain, sha256 }, index): Content[] => [
      `holdout ${index + 1}`,
      markup`${numberAt(answer, ["holdout", "shards", index, "units"], formatCount)} units of ${domain} text`,
      digest(sha256),
    ]),
    [
      "search",
      markup`${numberAt(answer, ["corpus", "search", "units"], formatCount)} units, not used for the decision`,
      digest(corpus.search.sha256),
    ],
    ["a unit", unitWords(answer), nothing],
    ["seed", numberAt(answer, ["seed"], String), nothing],
  ];
};

const modelWords = (answer: Answer): Markup => {
  const { model } = answer;
  return markup`${model.file} (${model.name ?? "without a name"}, ${model.architecture}, ${model.fileType}, ${numberAt(answer, ["model", "parameters"], formatCount)} parameters, ${numberAt(answer, ["model", "bytes"], formatBytes)})`;
};

const unitWords = (answer: Answer): Markup =>
  markup`${numberAt(answer, ["holdout", "unitTokens"], formatCount)} tokens, ${numberAt(answer, ["holdout", "scoredTokens"], formatCount)} of them scored; context ${numberAt(answer, ["holdout", "context"], String)}, cache ${answer.holdout.kv}`;

const fallbacks = (answer: Answer, index: number): Content => {
  const names = Object.keys(answer.candidates[index]?.fallbacks ?? {}).sort();
  return names.length === 0
    ? nothing
    : names.map((name, place) => [
        place === 0 ? "" : ", ",
        numberAt(answer, ["candidates", index, "fallbacks", name], formatCount),
        ` as ${name}`,
      ]);
};
