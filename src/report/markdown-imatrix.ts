import type { Answer, ImatrixFacts } from "../select/answer.ts";
import { escapeMarkdown as text } from "./escape-markdown.ts";
import { imatrixItems } from "./imatrix-items.ts";
import { list, rows as table } from "./markdown-blocks.ts";
import { formatShare } from "./quantity.ts";

/** What the importance matrix is made of, what it covers, and where its weight lies. */
export const imatrixSection = ({ imatrix }: Answer): string =>
  `${list(imatrixItems(imatrix).map(text))}\n\n${importantTable(imatrix)}`;

const importantTable = ({ important }: ImatrixFacts): string =>
  table([
    ["weights with the largest activations", "importance", "evenness", "strongest 1 %"],
    [":---", "---:", "---:", "---:"],
    ...important.map(({ weight, importance, entropy, concentration }) => [
      text(weight),
      importance.toPrecision(4),
      entropy.toFixed(3),
      formatShare(Math.round(concentration * 1000) / 1000),
    ]),
  ]);
