import type { Diagnostic } from "../base/diagnostic.ts";
import type { Failure } from "../base/failure.ts";
import { annotateDiagnostics, annotationsOf, formatAnnotations, type Annotation } from "../report/annotations.ts";
import { environment } from "./settings.ts";

/**
 * Marks what a person must not miss on the page of a job on GitHub's machines. On stderr, which is read for marks as stdout
 * is, because stdout may be the one JSON of a command.
 */
export const annotate = (annotations: readonly Annotation[]): void => {
  if (isGitHub()) process.stderr.write(formatAnnotations(annotations));
};

export const isGitHub = (): boolean => environment()["GITHUB_ACTIONS"] === "true";

/** Paths of annotations begin at the repository. */
const root = (): string => environment()["GITHUB_WORKSPACE"] ?? process.cwd();

export const failureMarks = (failures: readonly Failure[]): Annotation[] => annotationsOf(failures, root());

export const annotateWarnings = (diagnostics: readonly Diagnostic[]): void =>
  annotate(annotateDiagnostics(diagnostics, root()));
