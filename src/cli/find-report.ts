import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Answer } from "../select/answer.ts";
import { isAnswer } from "./is-answer.ts";
import { resultsFolder } from "./complete.ts";
import { load } from "./load.ts";
import type { SharedOptions } from "./settings.ts";

const reportFile = "report.json";

/** The answer of an earlier run: that of a pipeline file, or the only one that lies under `out`. */
export const findAnswer = async (
  file: string | undefined,
  options: SharedOptions & { readonly out: string },
): Promise<Result<Answer>> => {
  const path = file === undefined ? onlyReport(options.out) : await reportOf(file, options);
  return path.ok ? readAnswer(path.value) : path;
};

const reportOf = async (
  file: string,
  { out, ...options }: SharedOptions & { readonly out: string },
): Promise<Result<string>> => {
  const loaded = await load(file, options);
  if (!loaded.ok) return loaded;
  const path = join(resultsFolder(out, loaded.value), reportFile);
  if (existsSync(path)) return ok(path);
  return unusable(`there is no ${shown(path)} yet; run first: pipeline run ${file}`);
};

const onlyReport = (out: string): Result<string> => {
  const listed = reportsUnder(out);
  if (!listed.ok) return listed;
  const [first, second] = listed.value;
  if (first === undefined)
    return unusable(`no run has left a ${reportFile} in a folder of ${shown(out)}; run first: pipeline run FILE`);
  if (second === undefined) return ok(first);
  const all = listed.value.map(shown).join(", ");
  return unusable(`${shown(out)} holds more than one report; name the pipeline file after the candidate: ${all}`);
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

const readAnswer = (path: string): Result<Answer> => {
  try {
    const answer = parsed(readFileSync(path, "utf8"));
    if (isAnswer(answer)) return ok(answer);
  } catch (error) {
    return err(fileFailure(error, path, "read"));
  }
  return unusable(`${shown(path)} is no report of this version; run again: pipeline run FILE`);
};

/** Undefined when it is no JSON. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** Relative where the path lies below the current folder, as `run` names its results. */
const shown = (path: string): string => {
  const inside = relative(process.cwd(), path);
  return inside.startsWith("..") ? resolve(path) : inside || ".";
};

const unusable = (message: string): Result<never> => err({ reason: "unusable-argument", message });
