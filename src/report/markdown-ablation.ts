import type { AblationFacts, Answer } from "../select/answer.ts";
import {
  ablationSentences,
  interval,
  kldOf,
  relative,
  signed,
  unmadeSentences,
  verdictWord,
} from "./ablation-sentences.ts";
import { escapeMarkdown as text } from "./escape-markdown.ts";
import type { Section } from "./fit-markdown.ts";
import { list, rows as table } from "./markdown-blocks.ts";
import { formatKld, nothing } from "./quantity.ts";

/** What the importance matrices that the pipeline compares did, in words and then each interval. */
export const ablationSections = (answer: Answer, leftOut: string): Section[] => {
  const { ablation } = answer;
  if (ablation === undefined) return [];
  const words = list([...ablationSentences(answer), ...unmadeSentences(ablation)].map(text));
  return [
    { text: "## Importance matrices compared" },
    { text: words, shorter: leftOut, rank: 6 },
    ...(ablation.comparisons.length === 0 ? [] : [{ text: comparisonTable(ablation), shorter: leftOut, rank: 7 }]),
  ];
};

const header = ["type", "domain", "matrix", "against", "KLD", "difference", "interval", "of KLD", "verdict", "NLL"];

const comparisonTable = (facts: AblationFacts): string =>
  table([
    [...header, "interval", "verdict"],
    [":---", ":---", ":---", ":---", "---:", "---:", "---:", "---:", ":---", "---:", "---:", ":---"],
    ...facts.comparisons.map((comparison) => {
      const { type, domain, matrix, against, kld, lnPplRatio } = comparison;
      const own = kldOf(facts, comparison, matrix);
      return [
        text(type),
        text(domain),
        matrix,
        against,
        own === undefined ? nothing : formatKld(own),
        signed(kld.mean),
        interval(kld),
        relative(kld.mean, kldOf(facts, comparison, against)),
        verdictWord[kld.verdict],
        signed(lnPplRatio.mean),
        interval(lnPplRatio),
        verdictWord[lnPplRatio.verdict],
      ];
    }),
  ]);
