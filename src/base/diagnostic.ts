/** A stretch of a text file, in UTF-16 code units. Line and column are computed when it is printed. */
export interface Location {
  readonly file: string;
  /** The whole text of the file, so that printing needs no disk. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One problem in a file that a person wrote. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** What is wrong, as a sentence without a full stop. */
  readonly message: string;
  readonly location: Location;
  /** What to do about it, when that is known. */
  readonly help?: string;
  /** A second place, such as the first of two duplicates or the other end of a cycle. */
  readonly related?: readonly { readonly message: string; readonly location: Location }[];
}
