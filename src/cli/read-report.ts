import { existsSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatBytes } from "../base/units.ts";
import type { Answer } from "../select/answer.ts";
import { isAnswer, misfit, schemaVersion } from "./answer-shape.ts";

export const reportFile = "report.json";

/** Sixty candidates on four domains take about six megabytes. */
const largest = 256 * 2 ** 20;

/** Reads a `report.json`, whoever wrote it: what is no report of this version is told in one sentence. */
export const readReport = (path: string): Result<Answer> => {
  try {
    const { size } = statSync(path);
    if (size > largest) return unusable(`${shown(path)} has ${formatBytes(size)}, which no report has`);
    return judge(path, readFileSync(path, "utf8"));
  } catch (error) {
    return err(fileFailure(error, path, "read"));
  }
};

const judge = (path: string, written: string): Result<Answer> => {
  const value = parsed(written);
  if (isAnswer(value)) return ok(value);
  return unusable(`${shown(path)} is no report of this version${why(value)}`);
};

const again = "run again: pipeline run FILE";

const why = (value: unknown): string => {
  if (value === undefined) return `, it is no whole JSON; ${again}`;
  const found =
    typeof value === "object" && value !== null && "schemaVersion" in value ? value.schemaVersion : undefined;
  if (typeof found !== "number") return `, it has no schemaVersion; ${again}`;
  if (found > schemaVersion) return `: it has schema ${found}, this program reads ${schemaVersion}; take a newer one`;
  if (found < schemaVersion) return `: it has schema ${found}, this program reads ${schemaVersion}; ${again}`;
  return `, its ${(misfit(value) ?? "").replace(/^\./, "").slice(0, 200)} is not as a run writes it; ${again}`;
};

/** Undefined when it is no JSON. */
const parsed = (written: string): unknown => {
  try {
    return JSON.parse(written) as unknown;
  } catch {
    return undefined;
  }
};

/** Relative where the path lies below the current folder, as `run` names its results. */
export const shown = (path: string): string => {
  const inside = relative(process.cwd(), path);
  return inside.startsWith("..") ? resolve(path) : inside || ".";
};

export const unusable = (message: string): Result<never> => err({ reason: "unusable-argument", message });

/** The report that a path stands for: a file, or a folder with a `report.json`; undefined for any other and for nothing. */
export const reportAt = (path: string): string | undefined => {
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind === undefined ? path.endsWith(".json") : !kind.isDirectory()) return path;
  const inside = join(path, reportFile);
  return existsSync(inside) ? inside : undefined;
};
