import { isNode, parseDocument, type Document, type Node } from "yaml";
import type { Diagnostic } from "../base/diagnostic.ts";
import { inSourceOrder, noteAt } from "./note.ts";
import { plain } from "./plain.ts";
import { syntaxNotes, tooDeep } from "./syntax.ts";
import type { Links } from "./plain.ts";

/** A YAML file that could be read: its nodes to point at, and its value to check. */
export interface Sheet {
  /** As it is named to people. */
  readonly file: string;
  readonly text: string;
  readonly root: Node;
  /** Maps as objects (the first of two equal keys), aliases resolved; null where a problem was noted already. */
  readonly value: unknown;
  /** What each alias stands for. */
  readonly links: Links;
}

/** A sheet if the text is YAML enough to go on, and every problem that YAML itself has (in order if there is no sheet). */
export interface SheetReading {
  readonly sheet?: Sheet;
  readonly notes: readonly Diagnostic[];
}

/** Reads a text as one YAML 1.2 document. Never throws. */
export const readSheet = (file: string, text: string): SheetReading => {
  const origin = { file, text };
  const foreign = text.indexOf("\uFFFD");
  if (foreign >= 0) return { notes: [noteAt(origin, foreign, foreign + 1, "the file is not UTF-8 text")] };
  const document = parsed(text);
  if (document === undefined) return { notes: [noteAt(origin, 0, 0, tooDeep)] };
  const { notes, fatal } = syntaxNotes(origin, document);
  if (fatal) return { notes: inSourceOrder(notes) };
  const root = document.contents;
  if (!isNode(root)) return { notes: [...notes, noteAt(origin, 0, 0, "the file is empty")] };
  const { value, links, notes: found } = plain(origin, root);
  return { sheet: { file, text, root, value, links }, notes: [...notes, ...found] };
};

/** Undefined when brackets are nested so deeply that the parser runs out of stack. */
const parsed = (text: string): Document.Parsed | undefined => {
  try {
    // Duplicate keys are found in `plain`, which knows both places.
    return parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};
