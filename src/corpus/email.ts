import { disguise, type Draw } from "./disguise.ts";

/** RFC 5321, 4.5.3.1: characters of a local part. */
const longestLocal = 64;

const localCharacter = /[A-Za-z0-9\u00c0-\u024f._%+-]/;

/** Domain with at least one dot; labels are bounded, as DNS bounds them, and so is the time for one `@`. */
const domain =
  /[A-Za-z0-9\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f-]{0,62}(?:\.[A-Za-z0-9\u00c0-\u024f-]{1,63}){0,8}\.[A-Za-z]{2,24}(?![A-Za-z0-9\u00c0-\u024f-])/y;

/** Places of e-mail addresses, from and to. */
export const findEmails = (text: string): [number, number][] => {
  const found: [number, number][] = [];
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const start = localStart(text, at);
    domain.lastIndex = at + 1;
    const end = start < at && domain.test(text) ? domain.lastIndex : -1;
    if (end >= 0 && isPersonal(text.slice(start, at), text.slice(at + 1, end))) found.push([start, end]);
  }
  return found;
};

const localStart = (text: string, at: number): number => {
  let start = at;
  while (start > 0 && at - start < longestLocal && localCharacter.test(text.charAt(start - 1))) start -= 1;
  // Punctuation before an address belongs to the sentence.
  while (start < at && /[._%+-]/.test(text.charAt(start))) start += 1;
  return start;
};

/**
 * Not the names that RFC 2606 reserves, the user of every Git server, the version of a package, nor the picture of a
 * double resolution: "icon@2x.png".
 */
const isPersonal = (local: string, host: string): boolean =>
  local !== "git" &&
  !/(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost)$/i.test(host) &&
  !/^\d+\.\d+/.test(host) &&
  !/^\d+x\.[a-z]+$/i.test(host);

/** As long as the reserved name with which it ends if the address's last part is. */
const reserved = "example";

export const disguiseEmail = (text: string, draw: Draw): string => {
  const disguised = disguise(text, draw);
  const top = text.length - text.lastIndexOf(".") - 1;
  return top === reserved.length ? disguised.slice(0, -top) + reserved : disguised;
};
