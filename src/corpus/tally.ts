import { nothingDropped, type DropReason } from "./document.ts";

/** What was counted while a source was read and cleaned. */
export interface Tally {
  /** Documents that the source gave. */
  read: number;
  /** Documents left after every check but the overlap with calibration, and their bytes. */
  kept: number;
  bytes: number;
  readonly dropped: Record<DropReason, number>;
  /** Replaced secrets by kind. */
  readonly masked: Record<string, number>;
  /** Lines removed as boilerplate. */
  boilerplateLines: number;
  /** Documents by language; empty when languages are not looked at. */
  readonly languages: Record<string, number>;
  /** The first few of the documents that are no text, with the reason. */
  readonly unreadable: { readonly name: string; readonly why: string }[];
  /** The first few near copies: what was dropped, what it is a copy of, and their Jaccard similarity. */
  readonly copies: { readonly name: string; readonly of: string; readonly jaccard: number }[];
}

/** Entries of a list that is there to give an idea. */
export const fewExamples = 8;

export const emptyTally = (): Tally => ({
  read: 0,
  kept: 0,
  bytes: 0,
  dropped: nothingDropped(),
  masked: {},
  boilerplateLines: 0,
  languages: {},
  unreadable: [],
  copies: [],
});

/** Adds counts to counts. */
export const addCounts = (to: Record<string, number>, more: Readonly<Record<string, number>>): void => {
  for (const [name, count] of Object.entries(more)) to[name] = (to[name] ?? 0) + count;
};
