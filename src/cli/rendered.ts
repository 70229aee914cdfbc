import { formatHtml } from "../report/html/page.ts";
import { formatMarkdown } from "../report/markdown.ts";
import { drawFigures, figureFiles } from "../report/plot/figures.ts";
import { formatReproduceScript } from "../report/reproduce.ts";
import { formatSums } from "../report/sums.ts";
import type { ResultsFolder } from "../run/results.ts";

/** The files of the results that are text for people, and the sums over all of them. */
export const writeRendered = (results: ResultsFolder, model: string): void => {
  const figures = drawFigures(results.answer);
  for (const { file, text } of figureFiles(figures)) results.write(file, text);
  results.write("report.html", formatHtml(results.answer, figures));
  results.write("report.md", formatMarkdown(results.answer));
  results.write("reproduce.sh", formatReproduceScript(results.answer, { model }), true);
  const lasting = results.files();
  results.write("SHA256SUMS", formatSums(lasting));
};
