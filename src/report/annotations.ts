import { isAbsolute, relative } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Failure } from "../base/failure.ts";
import { describeFailure } from "./describe-failure.ts";
import { positionOf } from "./excerpt.ts";
import { safe } from "./safe.ts";

/** A remark that GitHub shows beside the run, or beside the line that it is about. */
export interface Annotation {
  readonly level: "error" | "warning";
  readonly title: string;
  /** Lines. */
  readonly message: readonly string[];
  /** Properties of the place, such as `file` and `line`. */
  readonly place?: Readonly<Record<string, string>>;
}

/** GitHub shows ten of a kind for each step of a job, and drops others without a word. */
const most = 10;

/** Longer ones are cut there anyway; nobody reads them. */
const longest = 4000;

/** Annotations as workflow commands, a line each; of more than ten of a kind the last says how many there are. */
export const formatAnnotations = (annotations: readonly Annotation[]): string =>
  (["error", "warning"] as const)
    .flatMap((level) => shown(annotations.filter((each) => each.level === level)))
    .map((each) => `${command(each)}\n`)
    .join("");

const shown = (all: readonly Annotation[]): readonly Annotation[] => {
  const [first] = all;
  if (all.length <= most || first === undefined) return all;
  const rest = all.length - (most - 1);
  return [
    ...all.slice(0, most - 1),
    { level: first.level, title: "pipeline", message: [`and ${rest} more, in the log`] },
  ];
};

const command = ({ level, title, message, place }: Annotation): string => {
  const properties = Object.entries({ ...place, title }).map(([name, value]) => `${name}=${property(value)}`);
  const text = message.map(safe).join("\n").slice(0, longest);
  return `::${level} ${properties.join(",")}::${data(text)}`;
};

const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const property = (text: string): string => data(safe(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** @param root folder of the repository, which the paths of annotations begin at */
export const annotationsOf = (failures: readonly Failure[], root: string): Annotation[] =>
  failures.flatMap((failure) =>
    failure.reason === "invalid-pipeline" ? annotateDiagnostics(failure.diagnostics, root) : [annotate(failure)],
  );

const annotate = (failure: Failure): Annotation => {
  const { headline, details, help } = describeFailure(failure);
  return {
    level: "error",
    title: `pipeline: ${failure.reason}`,
    message: [headline, ...details, ...(help === undefined ? [] : [help])],
  };
};

export const annotateDiagnostics = (diagnostics: readonly Diagnostic[], root: string): Annotation[] =>
  diagnostics.map(({ severity, message, help, location }) => ({
    level: severity,
    title: "pipeline",
    message: [message, ...(help === undefined ? [] : [`help: ${help}`])],
    place: placeOf(location, root),
  }));

/** Columns are shown only where begin and end are in one line. */
const placeOf = (location: Diagnostic["location"], root: string): Record<string, string> => {
  const [from, to] = [positionOf(location), positionOf({ ...location, start: location.end })];
  const columns = from.line === to.line ? { col: String(from.column), endColumn: String(to.column) } : {};
  return { file: inside(location.file, root), line: String(from.line), endLine: String(to.line), ...columns };
};

const inside = (file: string, root: string): string => {
  const path = relative(root, file);
  return !isAbsolute(file) || path.startsWith("..") || isAbsolute(path) ? file : path;
};
