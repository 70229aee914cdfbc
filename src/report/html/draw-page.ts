import type { Answer } from "../../select/answer.ts";
import { drawFigures, figureFiles } from "../plot/figures.ts";
import { formatHtml } from "./page.ts";

/** Everything that needs the plots: their own files, and the page that holds them. */
export const drawPage = (answer: Answer): { readonly file: string; readonly text: string }[] => {
  const figures = drawFigures(answer);
  return [...figureFiles(figures), { file: "report.html", text: formatHtml(answer, figures) }];
};
