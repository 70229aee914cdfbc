import { disguise, type Draw } from "./disguise.ts";

/** RFC 7468, and RFC 4880 for the keys of PGP. */
const begin = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;

/** Characters of a key, line ends and the `\n` of a string in a program included, and what its headers hold. */
const body = /^(?:[A-Za-z0-9+/=\s:,.-]|\\[nr])*/;

/** A line of base64, without which a block is only spoken of. */
const keyLine = /[A-Za-z0-9+/=]{32}/;

/** Places of what lies between the marks of private keys, or of a key that is cut off, as far as it looks like one. */
export const findPrivateKeys = (text: string): [number, number][] => {
  const found: [number, number][] = [];
  for (const match of text.matchAll(begin)) {
    const start = match.index + match[0].length;
    const mark = text.indexOf("-----", start);
    const [key = ""] = body.exec(text.slice(start, mark < 0 ? text.length : mark)) ?? [];
    if (keyLine.test(key)) found.push([start, start + key.length]);
  }
  return found;
};

export const disguiseKey = (text: string, draw: Draw): string =>
  text.replaceAll(/\\[nr]|[^\\]+|\\/g, (part) => (part.startsWith("\\") ? part : disguise(part, draw)));
