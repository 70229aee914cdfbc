import { ablationSentences, kldOf, relative, signed, unmadeSentences, verdictWord } from "../ablation-sentences.ts";
import { formatKld } from "../quantity.ts";
import { derived, numberAt } from "./number.ts";
import { markup, type Content } from "./markup.ts";
import { prose, type MakePanel } from "./panel.ts";
import { htmlTable, type HtmlColumn } from "./table.ts";
import type { Answer } from "../../select/answer.ts";

/** Importance matrices held against each other on the search split. */
export const ablationPanel: MakePanel = (answer) => {
  const { ablation } = answer;
  if (ablation === undefined) return undefined;
  const rows = ablation.comparisons.map((_, index) => ({ cells: cellsOf(answer, index) }));
  return {
    id: "ablation",
    title: "Importance matrices compared",
    body: markup`${prose([...ablationSentences(answer), ...unmadeSentences(ablation)])}
${rows.length === 0 ? "" : htmlTable("Losses with each matrix, less those with the one it is held against", columns, rows)}`,
  };
};

const columns: readonly HtmlColumn[] = [
  { header: "type", align: "left" },
  { header: "domain", align: "left" },
  { header: "matrix", align: "left" },
  { header: "against", align: "left" },
  { header: "KLD difference", align: "right", origin: "derived" },
  { header: "from", align: "right", origin: "estimated" },
  { header: "to", align: "right", origin: "estimated" },
  { header: "of KLD", align: "right", origin: "derived" },
  { header: "KLD verdict", align: "left" },
  { header: "NLL difference", align: "right", origin: "derived" },
  { header: "from", align: "right", origin: "estimated" },
  { header: "to", align: "right", origin: "estimated" },
  { header: "NLL verdict", align: "left" },
];

const cellsOf = (answer: Answer, index: number): readonly Content[] => {
  const comparison = answer.ablation?.comparisons[index];
  if (answer.ablation === undefined || comparison === undefined) return [];
  const { type, domain, matrix, against, kld, lnPplRatio } = comparison;
  const reference = kldOf(answer.ablation, comparison, against);
  return [
    type,
    domain,
    matrix,
    against,
    ...difference(answer, index, "kld"),
    reference === undefined || reference <= 0
      ? relative(kld.mean, reference)
      : derived(relative(kld.mean, reference), kld.mean / reference, `of a mean KLD of ${formatKld(reference)}`),
    verdictWord[kld.verdict],
    ...difference(answer, index, "lnPplRatio"),
    verdictWord[lnPplRatio.verdict],
  ];
};

const difference = (answer: Answer, index: number, measure: "kld" | "lnPplRatio"): Content[] =>
  (["mean", "lower", "upper"] as const).map((end) =>
    numberAt(answer, ["ablation", "comparisons", index, measure, end], signed),
  );
