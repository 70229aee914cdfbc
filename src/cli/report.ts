import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ok, type Result } from "../base/result.ts";
import type { Answer } from "../select/answer.ts";
import { runFiles } from "../report/fit/run-files.ts";
import { formatReproduceScript } from "../report/reproduce.ts";
import { updateSums } from "../report/sums.ts";
import { rewriteResults, type Text } from "../run/rewrite.ts";
import { compare } from "./compare.ts";
import { fail, stdout } from "./console.ts";
import { findReport } from "./find-report.ts";
import { tellEnded } from "./github.ts";
import { openFile } from "./open-file.ts";
import { readReport, shown } from "./read-report.ts";
import { writeJUnit } from "./write-junit.ts";

export interface ReportCommandOptions {
  readonly json?: boolean;
  readonly open?: boolean;
  readonly junit?: string;
  /** An earlier report. */
  readonly compare?: string;
  readonly markdown?: boolean;
}

/** `pipeline report [OUT]`: everything that is made of a report, made again; or the report against an earlier one. */
export const report = async (out: string, options: ReportCommandOptions): Promise<number> => {
  if (options.compare !== undefined) return compare(out, options.compare, options);
  if (options.markdown !== true) return render(out, options);
  const message = "--markdown is a form of --compare; without it report.md is the Markdown";
  return fail({ reason: "unusable-argument", message }, options.json === true);
};

const render = async (out: string, { json = false, open = false, junit }: ReportCommandOptions): Promise<number> => {
  const path = findReport(out);
  if (!path.ok) return fail(path.error, json);
  const answer = readReport(path.value);
  if (!answer.ok) return fail(answer.error, json);
  const folder = dirname(path.value);
  const { reportFiles } = await import("../report/report-files.ts");
  const texts = [...reportFiles(answer.value), ...runFiles(answer.value)];
  const written = rewrite(path.value, answer.value, texts);
  if (!written.ok) return fail(written.error, json);
  const ended = { pipeline: answer.value.pipeline, answer: answer.value, failures: [] };
  const tested = await writeJUnit(junit, ended);
  if (!tested.ok) return fail(tested.error, json);
  const opened = open ? await openFile(firstShown(folder)) : ok(null);
  if (!opened.ok) return fail(opened.error, json);
  tellEnded(ended);
  say(folder, [...texts.map(({ file }) => file), "reproduce.sh", "SHA256SUMS"], written.value, json);
  return 0;
};

/** The files that a person would look at, the best first. */
const shownFirst: readonly string[] = ["report.html", "report.md"];

const firstShown = (folder: string): string => {
  const paths = shownFirst.map((file) => join(folder, file));
  return paths.find((path) => existsSync(path)) ?? folder;
};

/** `reproduce.sh` knows where the model lies on the machine of the run; one that is there stays. */
const rewrite = (path: string, answer: Answer, texts: readonly Text[]): Result<readonly string[]> => {
  const script = { file: "reproduce.sh", text: formatReproduceScript(answer, { model: answer.model.file }) };
  return rewriteResults(path, [...texts, { ...script, executable: true, once: true }], updateSums);
};

const say = (folder: string, files: readonly string[], changed: readonly string[], json: boolean): void => {
  if (json) stdout().write(`${JSON.stringify({ ok: true, directory: folder, files, changed })}\n`);
  else {
    const what = changed.length === 0 ? "all files are as the report says" : `wrote ${changed.join(", ")}`;
    stdout().write(`${shown(folder)}: ${what}\n`);
  }
};
