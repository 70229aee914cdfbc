/**
 * Control characters, line and paragraph separators, and what reverses the direction of text: a name or a tool's
 * message that holds them could move the cursor, recolour the terminal or show other words than it has. Lone surrogates
 * and code points that are no characters may not stand in an XML file.
 */
export const unsafe =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}|\p{NChar}/gu;

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const escaped = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return named[character] ?? (code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`);
};

/** Text from a file, a tool or the system as one harmless line: what is not printable becomes an escape. */
export const safe = (text: string): string => text.replace(unsafe, escaped);
