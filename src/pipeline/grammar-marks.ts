import type { Location } from "../base/diagnostic.ts";
import { itemPaths } from "./ask.ts";
import { valueAt } from "./fault.ts";
import { valueSpot, type Path } from "./locate.ts";
import { locationAt } from "./note.ts";
import { promptPieces, type Piece } from "./prompt-text.ts";
import type { Sheet } from "./sheet.ts";

/** A `{name}` in a prompt grammar. */
export interface Reference {
  readonly name: string;
  /** The slot that it stands in; undefined for a template. */
  readonly within?: string;
  readonly location: Location;
}

/** What the rules of a prompt grammar look at. */
export interface GrammarMarks {
  /** Names of the slots, in source order. */
  readonly slots: readonly string[];
  readonly references: readonly Reference[];
  /** Braces that are neither a reference nor doubled. */
  readonly strays: readonly { readonly text: string; readonly location: Location }[];
}

/** Finds the slots, references and stray braces of a prompt grammar, as far as its texts are right. */
export const grammarMarks = (sheet: Sheet): GrammarMarks => {
  const slots = slotNames(sheet);
  const texts = [
    ...itemPaths(sheet, ["templates"]).map((path) => ({ path })),
    ...slots.flatMap((slot) => itemPaths(sheet, ["slots", slot]).map((path) => ({ path, within: slot }))),
  ];
  const marks = texts.flatMap(({ path, ...owner }) => marksIn(sheet, path).map((mark) => ({ ...mark, ...owner })));
  return {
    slots,
    references: marks.flatMap(({ piece, ...mark }) => (piece.kind === "slot" ? [{ ...mark, name: piece.name }] : [])),
    strays: marks.flatMap(({ piece, location }) => (piece.kind === "stray" ? [{ text: piece.text, location }] : [])),
  };
};

const slotNames = (sheet: Sheet): readonly string[] => {
  const slots = valueAt(sheet.value, ["slots"]);
  return typeof slots === "object" && slots !== null && !Array.isArray(slots) ? Object.keys(slots) : [];
};

type Mark = Exclude<Piece, { readonly kind: "literal" }>;

/** The references and stray braces of one entry, with their places in the file. */
const marksIn = (sheet: Sheet, path: Path): readonly { readonly piece: Mark; readonly location: Location }[] => {
  const own = typeof valueAt(sheet.value, path) === "string" ? path : [...path, "text"];
  const text = valueAt(sheet.value, own);
  if (typeof text !== "string") return [];
  const whole = valueSpot(sheet, own).location;
  const pieces = promptPieces(text).filter((piece) => piece.kind !== "literal");
  return pieces.map((piece) => ({ piece, location: within(whole, text, piece) }));
};

/** The place of a piece: its text is looked up in the source, where quotes, escapes and folding shift offsets. */
const within = (whole: Location, text: string, piece: Mark): Location => {
  const token = text.slice(piece.start, piece.end);
  const before = occurrences(text.slice(0, piece.start), token);
  const source = whole.text.slice(whole.start, whole.end);
  if (occurrences(source, token) !== occurrences(text, token)) return whole;
  const start = whole.start + nthIndex(source, token, before);
  return locationAt(whole, start, start + token.length);
};

const occurrences = (text: string, token: string): number => text.split(token).length - 1;

const nthIndex = (text: string, token: string, n: number): number =>
  text
    .split(token)
    .slice(0, n + 1)
    .join(token).length;
