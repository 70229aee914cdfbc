/** One text of a source, after cleaning. */
export interface Document {
  readonly source: string;
  /** What must lie on one side of the split as a whole: a file, or a prompt template. */
  readonly group: string;
  /** Unique in its source: the file's name in the source, or the template and a number. */
  readonly name: string;
  readonly text: string;
}

/** Where a text may be used. `search` is for anything that is tuned; `holdout` decides and is used for nothing else. */
export type Split = "calibration" | "search" | "holdout";

/** What became of the documents of a source that were not used, by reason. */
export interface Dropped {
  readonly "too-short": number;
  readonly duplicate: number;
}
