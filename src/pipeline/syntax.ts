import type { Document, YAMLParseError } from "yaml";
import type { Diagnostic } from "../base/diagnostic.ts";
import { excerpt } from "./words.ts";
import { noteAt, noteOn, type Origin } from "./note.ts";

/** What the parser found, and whether the tree is too doubtful to look further. */
export interface SyntaxReading {
  readonly notes: readonly Diagnostic[];
  readonly fatal: boolean;
}

/** Turns the parser's errors and warnings into diagnostics in the product's words. */
export const syntaxNotes = (origin: Origin, document: Document.Parsed): SyntaxReading => {
  const old = oldVersion(origin, document);
  if (old !== undefined) return { notes: [old], fatal: true };
  // How far the parser came before its stack was full says nothing about the file, so this has no place in it.
  if (document.errors.some(outOfStack)) return { notes: [noteAt(origin, 0, 0, tooDeep)], fatal: true };
  const first = firstOfEach(origin, document.errors);
  const warnings = document.warnings.map((warning) => {
    const message = warning.message.replace(/^Unresolved tag: (.*)$/, "the tag `$1` means nothing here");
    return noteAt(origin, ...warning.pos, message, { severity: "warning" });
  });
  const fatal = document.errors.some((error) => !harmless.has(error.code));
  return { notes: [...first.map((error) => syntaxNote(origin, error)), ...warnings], fatal };
};

const outOfStack = (error: YAMLParseError): boolean => error.code === "RESOURCE_EXHAUSTION";

// After these the rest of the tree is as it was written, so it is worth checking.
const harmless: ReadonlySet<string> = new Set(["MULTIPLE_DOCS", "BAD_SCALAR_START"]);

const oldVersion = (origin: Origin, { directives }: Document.Parsed): Diagnostic | undefined => {
  if (directives.yaml.version === "1.2") return undefined;
  const start = Math.max(0, origin.text.indexOf("%YAML"));
  const end = lineEnd(origin.text, start);
  return noteAt(origin, start, end, "this file must be YAML 1.2", { help: "remove this line" });
};

/** One slip often makes the parser stumble again on the same line; only its first stumble is told. */
const firstOfEach = (origin: Origin, errors: readonly YAMLParseError[]): readonly YAMLParseError[] => {
  const kept: YAMLParseError[] = [];
  let until = -1;
  for (const error of [...errors].sort((a, b) => a.pos[0] - b.pos[0])) {
    if (error.pos[0] < until) continue;
    kept.push(error);
    until = lineEnd(origin.text, error.pos[0]) + 1;
  }
  return kept;
};

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
};

const syntaxNote = (origin: Origin, error: YAMLParseError): Diagnostic => {
  const [start, end] = error.pos;
  const { message, help } = reworded(error.message, origin.text.slice(start, end).trim());
  // White space counts here: a tab or an indentation is what is wrong.
  const location = { ...origin, start, end: Math.max(start, Math.min(end, lineEnd(origin.text, start))) };
  return noteOn(location, message, help === undefined ? {} : { help });
};

interface Wording {
  readonly message: string;
  readonly help?: string;
}

/** Said of a file whose brackets are nested beyond what can be read. */
export const tooDeep = "the file is nested too deeply to be read";

const quoteIt = "put the whole value in quotes";

/** The parser's sentences that people are likely to meet, by how they begin; `at` is the text they point at. */
const wordings: readonly (readonly [RegExp, (at: string) => Wording])[] = [
  [
    /^Source contains multiple/,
    () => ({ message: "a second document begins here", help: "keep one document in a file" }),
  ],
  [/^Plain value cannot start/, (at) => ({ message: `a value cannot begin with \`${at}\``, help: quoteIt })],
  [
    /^Block scalar header/,
    () => ({ message: "a value that begins with `>` or `|` is a block of text", help: quoteIt }),
  ],
  [/^Tabs are not/, () => ({ message: "YAML cannot be indented with tabs", help: "use spaces" })],
  [/^Nested mappings/, () => ({ message: "a second `: ` in one value", help: `${quoteIt}, or check the indentation` })],
  [/^Unexpected scalar at/, () => ({ message: "text after the end of a value", help: quoteIt })],
  [
    /^Flow (?:map|sequence) in/,
    () => ({ message: "a `[` or `{` above is not closed", help: "close it before this line" }),
  ],
  [/^(?:Expected )?[Ff]low .*must end/, () => ({ message: "a `[` or `{` is not closed" })],
  [/^Missing closing/, () => ({ message: "a quote is not closed" })],
  [/^Unexpected flow-.* at node end/, () => ({ message: "a `,` is missing before this" })],
  [/^Block collections are not/, () => ({ message: "a second `: ` in one value", help: "is a `,` missing?" })],
  [/^Unexpected flow-/, (at) => ({ message: `this \`${at}\` closes nothing` })],
  [
    /^All (?:mapping|sequence|collection) items/,
    () => ({ message: "this line is indented differently from the ones above" }),
  ],
  [/^Implicit keys need|^Implicit map keys/, () => ({ message: "a key must be followed by `:` on the same line" })],
  [/^Missing , (?!or)/, () => ({ message: "a `,` is missing before this" })],
  [/^Missing , or :/, () => ({ message: "a `,` or `:` is missing before this" })],
  [/^Missing space/, () => ({ message: "a space is missing after `:`" })],
  [/^Comments must/, () => ({ message: "a space is missing before `#`" })],
  [/^Invalid escape/, (at) => ({ message: `\`${at}\` is no escape sequence`, help: "write `\\\\` for a backslash" })],
  [/^Block collection cannot/, () => ({ message: "this must begin on the line after `---`" })],
  [
    /^(?:Une|E)xpected /,
    (at) => ({ message: at === "" ? "something is missing here" : `\`${excerpt(at)}\` is out of place` }),
  ],
];

const reworded = (message: string, at: string): Wording => {
  const found = wordings.find(([begin]) => begin.test(message));
  return found === undefined ? { message: plainer(message) } : found[1](at);
};

/** A parser's sentence as ours: no capital, no full stop, nothing about its functions. */
const plainer = (message: string): string =>
  `${message.charAt(0).toLowerCase()}${message.slice(1)}`.replace(/\.$/, "").replace(/; please use .*$/, "");
