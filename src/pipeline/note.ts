import type { Diagnostic, Location } from "../base/diagnostic.ts";

/** The file that a diagnostic points into. */
export interface Origin {
  readonly file: string;
  readonly text: string;
}

/** What a diagnostic may have besides its message. */
export type NoteExtras = Partial<Pick<Diagnostic, "severity" | "help" | "related">>;

/** A stretch of a file without white space at its end, so that a squiggle ends where the text does. */
export const locationAt = ({ file, text }: Origin, start: number, end: number): Location => {
  const length = text.slice(start, end).trimEnd().length;
  return { file, text, start, end: start + length };
};

/** A diagnostic, an error unless the extras say otherwise. */
export const noteOn = (location: Location, message: string, extras: NoteExtras = {}): Diagnostic => ({
  severity: "error",
  message,
  location,
  ...extras,
});

/** A diagnostic at two offsets of a file. */
export const noteAt = (origin: Origin, start: number, end: number, message: string, extras?: NoteExtras): Diagnostic =>
  noteOn(locationAt(origin, start, end), message, extras);

/** Diagnostics of one file in source order: by start, then the wider first. */
export const inSourceOrder = (notes: readonly Diagnostic[]): readonly Diagnostic[] =>
  [...notes].sort((a, b) => a.location.start - b.location.start || b.location.end - a.location.end);

/** Whether two stretches share a place; one without width counts as the place between two characters. */
export const overlap = (a: Location, b: Location): boolean =>
  a.file === b.file && (a.start === b.start || (a.start < b.end && b.start < a.end));
