import { sha256 } from "../base/canonical.ts";
import { err, ok, type Result } from "../base/result.ts";
import { documentOf, limitsOf, type Limits, type NamedFile, type Reading } from "./reading.ts";
import { splitLines, type Line } from "./split-lines.ts";
import type { Chunk } from "./inflate.ts";

/**
 * What a parsed line gives as its document's text, or nothing where that is certainly too long; the error is a sentence
 * part behind "line 12".
 */
export type TextOf = (record: unknown) => Result<string | undefined, string>;

/**
 * JSON Lines: each line that is not blank is a record and gives one document, or says why not; the others are read on.
 * @param group dotted path of what documents of one group share
 */
export async function* readJsonLines(
  file: NamedFile,
  chunks: AsyncIterable<Chunk>,
  group: string | undefined,
  textOf: TextOf,
  maxLength: number,
): AsyncGenerator<Reading[], void> {
  const limits = limitsOf(maxLength);
  for await (const lines of splitLines(chunks, limits.recordBytes))
    yield lines.filter((line) => !isBlank(line)).map((line) => readLine(file, line, group, textOf, limits));
}

export const isBlank = (line: Line): boolean => line.kind === "line" && !/\S/.test(line.text);

/** Line → reading, when it is no whole line: the three ways in which that can be. */
export const readingOfFlaw = ({ name }: NamedFile, line: Exclude<Line, { readonly kind: "line" }>): Reading => {
  if (line.kind === "broken") return { kind: "unreadable", name, why: `${line.why}${afterLine(line.number - 1)}` };
  const record = `${name}:${line.number}`;
  if (line.kind === "too-long") return { kind: "too-long", name: record };
  return { kind: "unreadable", name: record, why: line.why.replace(/^it /, `line ${line.number} `) };
};

const afterLine = (number: number): string => (number > 0 ? `, after line ${number}` : "");

const readLine = (file: NamedFile, line: Line, group: string | undefined, textOf: TextOf, limits: Limits): Reading => {
  if (line.kind !== "line") return readingOfFlaw(file, line);
  const name = `${file.name}:${line.number}`;
  const unreadable = (what: string): Reading => ({ kind: "unreadable", name, why: `line ${line.number} ${what}` });
  const record = parse(line.text);
  if (!record.ok) return unreadable(record.error);
  const text = textOf(record.value);
  if (!text.ok) return unreadable(text.error);
  if (text.value === undefined) return { kind: "too-long", name };
  return documentOf(name, groupOf(group, valueAt(record.value, group), name), text.value, limits);
};

const parse = (text: string): Result<unknown, string> => {
  try {
    return ok(JSON.parse(text));
  } catch {
    return err("is no JSON");
  }
};

/** The text at a dotted path: a text, or a list of texts, between which blank lines are put. */
export const textAt =
  (field: string): TextOf =>
  (record) => {
    if (typeof record !== "object" || record === null || Array.isArray(record)) return err("is no JSON object");
    const value = valueAt(record, field);
    if (value === undefined) return err(lacking(field, record));
    if (isTexts(value)) return ok(wellFormed(value.join("\n\n")));
    return typeof value === "string" ? ok(wellFormed(value)) : err(`has ${kindOf(value)} at \`${field}\`, no text`);
  };

/** What is said of a record that has nothing at a path. */
export const lacking = (field: string, record: object): string =>
  `lacks \`${field}\`; it has ${listNames(Object.keys(record))}`;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/** JSON can spell half a character, which no file of UTF-8 can hold. */
const wellFormed = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed());

const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list that is not of texts";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
};

/** What lies at a dotted path, in the record's own members and list items only: `toString` is in no record. */
export const valueAt = (record: unknown, path: string | undefined): unknown => {
  if (path === undefined) return undefined;
  let value = record;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    // A list's own length is no item of it.
    if (Array.isArray(value) && !/^\d+$/.test(name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
};

/** Names that are listed, and characters of each: enough to see the mistake. */
const most = { names: 8, characters: 40 };

export const listNames = (names: readonly string[]): string => {
  if (names.length === 0) return "nothing";
  const shown = names.slice(0, most.names).map((name) => `\`${name.slice(0, most.characters)}\``);
  return shown.join(", ") + (names.length > most.names ? ` and ${names.length - most.names} more` : "");
};

/** Longer values are told apart by their digest: a group's name is kept for every document. */
const longestGroup = 200;

/**
 * Records with the same value at `path` are one group, in all files of a source; one without a value is a group of its
 * own. The path stands before it, so that no value can be the name of a file.
 */
export const groupOf = (path: string | undefined, value: unknown, name: string): string => {
  if (typeof value !== "string" && typeof value !== "number") return name;
  const text = String(value);
  return `${path} = ${text.length > longestGroup ? sha256(text) : text}`;
};
