import type { Answer } from "../select/answer.ts";
import { drawPage } from "./html/draw-page.ts";
import { formatManifest } from "./manifest.ts";
import { formatMarkdown } from "./markdown.ts";
import { formatModelCard } from "./model-card.ts";

export interface ReportFile {
  /** Name in the folder of the results. */
  readonly file: string;
  readonly text: string;
}

/**
 * The files of the results that are made of the answer alone: the same answer gives the same bytes anywhere. In the order
 * in which SHA256SUMS names them. `reproduce.sh` is not among them: it knows where the model lies.
 */
export const reportFiles = (answer: Answer): readonly ReportFile[] => [
  { file: "report.md", text: formatMarkdown(answer) },
  { file: "README.md", text: formatModelCard(answer) },
  { file: "manifest.json", text: formatManifest(answer) },
  ...drawPage(answer),
];
