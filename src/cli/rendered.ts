import { runFiles } from "../report/fit/run-files.ts";
import { formatReproduceScript } from "../report/reproduce.ts";
import { formatSums } from "../report/sums.ts";
import type { ResultsFolder } from "../run/results.ts";

/** The script that depends on where the model lies, and the sums over all files. */
export const writeRendered = (results: ResultsFolder, model: string): void => {
  results.write("reproduce.sh", formatReproduceScript(results.answer, { model }), true);
  for (const { file, text, executable } of runFiles(results.answer)) results.write(file, text, executable);
  const lasting = results.files();
  results.write("SHA256SUMS", formatSums(lasting));
};
