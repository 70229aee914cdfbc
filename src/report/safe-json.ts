import { unsafe } from "./safe.ts";

/**
 * A value as JSON that can be shown on a terminal: what could move the cursor or turn text round is written as an escape,
 * which is the same JSON. Breaks of lines are those of the form itself, for in a text they are escapes already.
 */
export const safeJson = (value: unknown): string =>
  `${JSON.stringify(value, null, 2).replace(unsafe, (character) => (character === "\n" ? character : escaped(character)))}\n`;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
