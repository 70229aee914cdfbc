import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { sha256, type Json } from "../base/canonical.ts";

/**
 * One line of text that knows whether it is whole: `<sha-256 of the JSON>\t<JSON>\n`. A torn or glued line fails its
 * sum and reads as absent, which is how the journal, the memo and the records survive any crash.
 */
export const seal = (value: Json): string => {
  const text = JSON.stringify(value);
  return `${sha256(text)}\t${text}\n`;
};

/** The value of a sealed line (without its newline), or undefined when the line is damaged. */
export const unseal = (line: string): Json | undefined => {
  const tab = line.indexOf("\t");
  const text = line.slice(tab + 1);
  return tab === 64 && sha256(text) === line.slice(0, tab) ? (JSON.parse(text) as Json) : undefined;
};

/** The value of a file of one sealed line; undefined where it is gone, cannot be read or is damaged. */
export const readSealed = (path: string): Json | undefined => {
  // Asked first: a new pipeline has none of a thousand, and an error with its stack takes ten times as long as the question.
  if (!existsSync(path)) return undefined;
  try {
    return unseal(readFileSync(path, "utf8").trimEnd());
  } catch {
    return undefined;
  }
};

/** All whole lines of a sealed file, in order. */
export const unsealLines = (text: string): Json[] =>
  text.split("\n").flatMap((line) => {
    const value = unseal(line);
    return value === undefined ? [] : [value];
  });

/**
 * Appends sealed values to a file, one write call each. Behind a line that a crash or a full disk cut short it starts a
 * new one first, so that only the torn line is lost and not the one after it.
 */
export const sealedAppender = (path: string): ((value: Json) => void) => {
  let atLineStart = endsWithNewline(path);
  return (value) => {
    const line = `${atLineStart ? "" : "\n"}${seal(value)}`;
    atLineStart = false;
    appendFileSync(path, line);
    atLineStart = true;
  };
};

/** True of an empty file and of none; an extra newline where it cannot be told is harmless. */
const endsWithNewline = (path: string): boolean => {
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const last = Buffer.alloc(1);
      return size === 0 || (readSync(file, last, 0, 1, size - 1) === 1 && last[0] === 0x0a);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT";
  }
};
