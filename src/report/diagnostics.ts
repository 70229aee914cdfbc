import { isAbsolute, relative } from "node:path";
import type { Diagnostic, Location } from "../base/diagnostic.ts";
import { excerptOf, positionOf } from "./excerpt.ts";
import { plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import { makeStyle, type Style } from "./style.ts";

export interface DiagnosticsOptions {
  readonly color: boolean;
  /** Files below it are named relative to it. */
  readonly cwd: string;
  /** Default 100. */
  readonly columns?: number;
}

/** Problems in files, each with its source line and a squiggle, and a count at the end. */
export const formatDiagnostics = (list: readonly Diagnostic[], options: DiagnosticsOptions): string => {
  const style = makeStyle(options.color);
  return [...list.flatMap((diagnostic) => [...formatOne(diagnostic, options, style), ""]), tally(list), ""].join("\n");
};

/** A problem in one line, for where its source line has no place. */
export const summarize = ({ severity, message, location }: Diagnostic): string =>
  `${placeOf(location)} ${severity}: ${safe(message)}`;

const placeOf = (location: Location, cwd?: string): string => {
  const { line, column } = positionOf(location);
  return `${safe(shownFile(location.file, cwd))}:${line}:${column}`;
};

const shownFile = (file: string, cwd: string | undefined): string => {
  if (cwd === undefined || !isAbsolute(file)) return file;
  const path = relative(cwd, file);
  return path.startsWith("..") || isAbsolute(path) ? file : path;
};

const formatOne = (diagnostic: Diagnostic, options: DiagnosticsOptions, style: Style): string[] => {
  const { severity, message, location, help, related } = diagnostic;
  const paint = severity === "error" ? style.bad : style.warn;
  return [
    `${style.bold(placeOf(location, options.cwd))} ${style.bold(paint(`${severity}:`))} ${safe(message)}`,
    ...quote(location, options, paint, style),
    ...(help === undefined ? [] : [`  ${style.bold("help:")} ${safe(help)}`]),
    ...(related ?? []).flatMap((other) => [
      `  ${style.bold(placeOf(other.location, options.cwd))} ${safe(other.message)}`,
      ...quote(other.location, options, style.dim, style),
    ]),
  ];
};

const quote = (
  location: Location,
  { columns = 100 }: DiagnosticsOptions,
  paint: (text: string) => string,
  style: Style,
): string[] => {
  const number = String(positionOf(location).line).padStart(5);
  const { line, squiggle, endLine } = excerptOf(location, Math.max(20, columns - 8));
  const indent = /^ */.exec(squiggle)?.[0] ?? "";
  const rest = endLine === undefined ? "" : style.dim(` … to line ${endLine}`);
  return [
    `${style.dim(`${number} |`)} ${line}`.trimEnd(),
    `${style.dim("      |")} ${indent}${paint(squiggle.trimStart())}${rest}`,
  ];
};

const tally = (list: readonly Diagnostic[]): string => {
  const errors = list.filter(({ severity }) => severity === "error").length;
  return `${plural(errors, "error")}, ${plural(list.length - errors, "warning")}`;
};
