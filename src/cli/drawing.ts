import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, sha256 } from "../base/canonical.ts";
import type { Digest } from "../base/ids.ts";
import type { ReportFile } from "../report/report-files.ts";
import type { Drawing } from "../run/record.ts";
import { runFile, type ResultsFolder } from "../run/results.ts";

/** Puts what is made of the answer alone into the results and says what it put there. */
export type WriteDrawing = (results: ResultsFolder) => Drawing;

/**
 * The page, its plots and the texts. What draws them takes longer to load than all else that a run without work does; so where
 * run.json says that the same program drew the same report, and no byte of that was changed, it is left as it is.
 * @param report digest of `report.json`
 */
export const prepareDrawing = async (folder: string, report: Digest): Promise<WriteDrawing> => {
  const key = fingerprint({ program: programDigest(), report });
  const earlier = drawnEarlier(folder, key);
  if (earlier !== undefined) return (results) => written(results, key, earlier);
  const { reportFiles } = await import("../report/report-files.ts");
  return (results) => written(results, key, reportFiles(results.answer));
};

const written = (results: ResultsFolder, key: Digest, texts: readonly ReportFile[]): Drawing => {
  for (const { file, text } of texts) results.write(file, text);
  return { key, files: Object.fromEntries(texts.map(({ file, text }) => [file, sha256(text)])) };
};

/** In the built program this file names what draws by a hash of its content, so its own digest changes with that. */
const programDigest = (): Digest => sha256(readFileSync(new URL(import.meta.url)));

/** What lies there already; undefined where anything is missing, unreadable or changed. */
const drawnEarlier = (folder: string, key: Digest): ReportFile[] | undefined => {
  try {
    const record = JSON.parse(readFileSync(join(folder, runFile), "utf8")) as { readonly drawing?: Partial<Drawing> };
    const { drawing } = record;
    if (drawing?.key !== key) return undefined;
    const files = Object.entries(drawing.files ?? {}).filter(([file]) =>
      /^[A-Za-z0-9-]+\.(svg|html|md|json)$/.test(file),
    );
    const texts = files.map(([file]) => ({ file, text: readFileSync(join(folder, file), "utf8") }));
    return files.length > 0 && texts.every(({ text }, index) => sha256(text) === files[index]?.[1]) ? texts : undefined;
  } catch {
    return undefined;
  }
};
