import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, sha256 } from "../base/canonical.ts";
import type { Event } from "../base/event.ts";
import type { Digest } from "../base/ids.ts";
import type { ReportFile, reportFiles } from "../report/report-files.ts";
import type { Drawing } from "../run/record.ts";
import { runFile, type ResultsFolder } from "../run/results.ts";
import { programDigest } from "./program.ts";

/** Puts what is made of the answer alone into the results and says what it put there. */
export type WriteDrawing = (results: ResultsFolder) => Drawing;

/**
 * The page, its plots and the texts. What draws them takes longer to load than all else that a run without work does; so where
 * run.json says that the same program drew the same report, and no byte of that was changed, it is left as it is.
 * @param report digest of `report.json`
 */
export const prepareDrawing = async (folder: string, report: Digest): Promise<WriteDrawing> => {
  const program = programDigest() ?? null;
  const key = fingerprint({ program, report });
  const earlier = program === null ? undefined : drawnEarlier(folder, key);
  if (earlier !== undefined) return (results) => written(results, key, earlier);
  const drawing = await (loading ?? import("../report/report-files.ts"));
  return (results) => written(results, key, drawing.reportFiles(results.answer));
};

/** Loads what draws as soon as a tool is at work: until it ends, nobody waits for this program. */
export const loadAhead = (event: Event): void => {
  if (event.type === "progress" && event.unit === "chunks") loading ??= import("../report/report-files.ts");
};

let loading: Promise<{ readonly reportFiles: typeof reportFiles }> | undefined;

const written = (results: ResultsFolder, key: Digest, texts: readonly ReportFile[]): Drawing => {
  for (const { file, text } of texts) results.write(file, text);
  return { key, files: Object.fromEntries(texts.map(({ file, text }) => [file, sha256(text)])) };
};

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
