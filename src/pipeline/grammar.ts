import * as z from "zod";
import type { Diagnostic } from "../base/diagnostic.ts";
import { check, withoutEchoes } from "./check.ts";
import { grammarRuleNotes } from "./grammar-rules.ts";
import { inSourceOrder } from "./note.ts";
import { text } from "./leaf.ts";
import { readSheet } from "./sheet.ts";

/** One way to fill a slot, or one template. */
export interface GrammarEntry {
  /** `{name}` stands for an entry of that slot, `{{` and `}}` for braces; see `promptPieces`. */
  readonly text: string;
  /** How often it is chosen against its neighbours: above 0, 1 unless given. */
  readonly weight: number;
}

/** A prompt grammar after every check: each reference has its slot, no slot is empty, none leads back to itself. */
export interface Grammar {
  readonly templates: readonly GrammarEntry[];
  readonly slots: Readonly<Record<string, readonly GrammarEntry[]>>;
}

const weight = z
  .number({ error: "a number above `0`" })
  .positive({ error: "above `0`" })
  .prefault(1)
  .meta({ description: "How often this entry is chosen against its neighbours." });

// YAML reads `{name}` and `Question: why` as mappings; quotes make them texts.
const entryWords = "a text (in quotes if it holds `{` or `: `), or a mapping with `text` and `weight`";

const entry = z.union(
  [
    text("a text").transform((written): GrammarEntry => ({ text: written, weight: 1 })),
    z.strictObject({ text: text("a text"), weight }, { error: entryWords }).meta({ title: "entry" }),
  ],
  { error: entryWords },
);

const entries = z.array(entry, { error: "a list of texts" }).min(1, { error: "give it at least one text" });

/** What a prompt grammar holds; that its references fit together is held by `grammar-rules`. */
export const grammarSchema = z
  .strictObject(
    {
      templates: entries.meta({ description: "The prompts, with `{name}` where an entry of a slot is put." }),
      slots: z
        .record(z.string(), entries, { error: "a mapping from names to lists of texts" })
        .prefault({})
        .meta({ description: "What each name may stand for." }),
    },
    { error: "a mapping with `templates` and `slots`" },
  )
  .meta({ title: "prompt grammar" });

/** A grammar when the text has no error, and everything there is to say about it in source order. */
export interface GrammarReading {
  readonly grammar?: Grammar;
  readonly notes: readonly Diagnostic[];
}

/** Reads a prompt grammar; `file` is how diagnostics name it. */
export const parseGrammar = (file: string, source: string): GrammarReading => {
  const { sheet, notes: yaml } = readSheet(file, source);
  if (sheet === undefined) return { notes: yaml };
  const { value, notes } = check(sheet, grammarSchema);
  const all = inSourceOrder([...yaml, ...withoutEchoes([...notes, ...grammarRuleNotes(sheet)], yaml)]);
  return value === undefined || all.some((note) => note.severity === "error")
    ? { notes: all }
    : { grammar: value, notes: all };
};
