import type { Stretch } from "./spool.ts";

/** One text of a source, after cleaning. The text itself lies in the spool. */
export interface Document extends Stretch {
  /** Place of its source in the request. */
  readonly source: number;
  /** What must lie on one side of the split as a whole: a file, a conversation, or a prompt template. */
  readonly group: string;
  /** Unique in its source: the file's name and the number of the record, or the template and a number. */
  readonly name: string;
}

/** Where a text may be used. `search` is for anything that is tuned; `holdout` decides and is used for nothing else. */
export type Split = "calibration" | "search" | "holdout";

/** Why a document is not used, in the order in which the reasons are looked at. */
export const dropReasons = [
  "unreadable",
  "too-long",
  "too-short",
  "language",
  "duplicate",
  "near-duplicate",
  "overlap",
] as const;
export type DropReason = (typeof dropReasons)[number];
export type Dropped = Readonly<Record<DropReason, number>>;

export const nothingDropped = (): Record<DropReason, number> =>
  Object.fromEntries(dropReasons.map((reason) => [reason, 0])) as Record<DropReason, number>;
