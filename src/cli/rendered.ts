import { runFiles } from "../report/fit/run-files.ts";
import { formatMarkdown } from "../report/markdown.ts";
import { formatReproduceScript } from "../report/reproduce.ts";
import { formatSums } from "../report/sums.ts";
import type { ResultsFolder } from "../run/results.ts";

/** The files of the results that are text for people, and the sums over all of them. */
export const writeRendered = (results: ResultsFolder, model: string): void => {
  results.write("report.md", formatMarkdown(results.answer));
  results.write("reproduce.sh", formatReproduceScript(results.answer, { model }), true);
  for (const { file, text, executable } of runFiles(results.answer)) results.write(file, text, executable);
  const lasting = results.files();
  results.write("SHA256SUMS", formatSums(lasting));
};
