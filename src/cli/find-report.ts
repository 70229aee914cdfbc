import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Answer } from "../select/answer.ts";
import { resultsFolder } from "./complete.ts";
import { load } from "./load.ts";
import { readReport, reportAt, reportFile, shown, unusable } from "./read-report.ts";

/** The answer of an earlier run: that of a pipeline file, or the only one that lies under `out`. */
export const findAnswer = async (file: string | undefined, out: string): Promise<Result<Answer>> => {
  const path =
    file === undefined ? onlyReport(out, "name the pipeline file after the candidate") : await reportOf(file, out);
  return path.ok ? readReport(path.value) : path;
};

const reportOf = async (file: string, out: string): Promise<Result<string>> => {
  const loaded = await load(file);
  if (!loaded.ok) return loaded;
  const path = join(resultsFolder(out, loaded.value), reportFile);
  if (existsSync(path)) return ok(path);
  return unusable(`there is no ${shown(path)} yet; run first: pipeline run ${file}`);
};

/** The report that `OUT` means: a file, a folder of results, or a folder of such folders with a single one. */
export const findReport = (out: string): Result<string> => {
  try {
    const path = reportAt(out);
    return path === undefined ? onlyReport(out, "name one of them") : ok(path);
  } catch (error) {
    return err(fileFailure(error, out, "look for a report in"));
  }
};

const onlyReport = (out: string, remedy: string): Result<string> => {
  const listed = reportsUnder(out);
  if (!listed.ok) return listed;
  const [first, second] = listed.value;
  if (first === undefined)
    return unusable(`no run has left a ${reportFile} in a folder of ${shown(out)}; run first: pipeline run FILE`);
  if (second === undefined) return ok(first);
  const all = listed.value.map(shown).join(", ");
  return unusable(`${shown(out)} holds more than one report; ${remedy}: ${all}`);
};

/** A folder that is not there holds no report. */
const reportsUnder = (out: string): Result<string[]> => {
  if (!existsSync(out)) return ok([]);
  try {
    const paths = readdirSync(out).map((name) => join(out, name, reportFile));
    return ok(paths.filter((path) => existsSync(path)).sort());
  } catch (error) {
    return err(fileFailure(error, out, "look for reports in"));
  }
};
