import type { Answer } from "../select/answer.ts";
import { formatManifest } from "./manifest.ts";
import { formatMarkdown } from "./markdown.ts";
import { formatModelCard } from "./model-card.ts";

/** A file of the results that is made of the answer alone: the same answer gives the same bytes anywhere. */
export interface ReportFile {
  readonly file: string;
  readonly render: (answer: Answer) => string;
}

/** All of them, in the order in which SHA256SUMS names them. `reproduce.sh` is not among them: it knows where the model lies. */
export const reportFiles: readonly ReportFile[] = [
  { file: "report.md", render: formatMarkdown },
  { file: "README.md", render: formatModelCard },
  { file: "manifest.json", render: formatManifest },
];

/** The files that a person would look at, the best first. */
export const shownFirst: readonly string[] = ["report.html", "report.md"];
