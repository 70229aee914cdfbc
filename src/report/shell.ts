/** A text as one word of a POSIX shell that means exactly itself, whatever it holds. */
export const quote = (text: string): string => {
  if (text.includes("\0")) throw new Error("Internal error: a NUL in a shell word");
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
};

/** A command line for a POSIX shell; words that need no quotes have none. */
export const shellWords = (words: readonly string[]): string =>
  words.map((word) => (/^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : quote(word))).join(" ");
