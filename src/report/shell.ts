/** A text as one word of a POSIX shell that means exactly itself, whatever it holds. */
export const quote = (text: string): string => {
  if (text.includes("\0")) throw new Error("Internal error: a NUL in a shell word");
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
};
