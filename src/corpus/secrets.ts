import { findAssigned } from "./assignment.ts";
import { cardPattern, digitsOf, disguiseCard, isCardNumber } from "./card-number.ts";
import { disguise, drawFor, type Draw } from "./disguise.ts";
import { disguiseEmail, findEmails } from "./email.ts";
import { glance, mayHoldKey, mayMatch, type Glance } from "./glance.ts";
import { compactIban, disguiseIban, ibanAt, ibanStart } from "./iban.ts";
import { disguisePhone, findPhones } from "./phone-number.ts";
import { disguiseKey, findPrivateKeys } from "./private-key.ts";
import { secretPatterns, type SecretPattern } from "./secret-patterns.ts";

export interface Masked {
  readonly text: string;
  /** How many of each kind were replaced; kinds of which there was none are left out. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A secret in a text. */
interface Finding {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  /** What two spellings of one secret have in common. */
  readonly same: string;
  readonly disguise: (text: string, draw: Draw) => string;
}

/**
 * Replaces personal data and keys by others of the same shape: a model sees the text as it was, and nobody is in it. The
 * same secret becomes the same replacement in every text, for it depends on seed, kind and secret alone. Masking what
 * was masked may change it again, since a replacement has the shape of a secret.
 * @param seen what the text holds, and perhaps more
 */
export const maskSecrets = (text: string, seed: number, seen: Glance = glance(text)): Masked => {
  const findings = findSecrets(text, seen);
  if (findings.length === 0) return { text, counts: {} };
  const counts: Record<string, number> = {};
  let masked = "";
  let done = 0;
  for (const finding of findings.sort((a, b) => a.start - b.start)) {
    // A part of what was replaced already, such as the host of a URL with a password.
    if (finding.start < done) continue;
    const secret = text.slice(finding.start, finding.end);
    masked += text.slice(done, finding.start) + finding.disguise(secret, drawFor(seed, finding.kind, finding.same));
    counts[finding.kind] = (counts[finding.kind] ?? 0) + 1;
    done = finding.end;
  }
  return { text: masked + text.slice(done), counts };
};

/** Places of something in a text, from and to. */
type Places = readonly (readonly [number, number])[];

const findSecrets = (text: string, seen: Glance): Finding[] => {
  const findings: Finding[] = [];
  const add = (kind: string, places: Places, change: Finding["disguise"], same = itself, offset = 0): void => {
    for (const [from, to] of places) {
      const [start, end] = [from + offset, to + offset];
      findings.push({ start, end, kind, same: same(text.slice(start, end)), disguise: change });
    }
  };
  if (mayHoldKey(seen) && text.includes("-----BEGIN ")) add("private-key", findPrivateKeys(text), disguiseKey);
  for (const [number, known] of secretPatterns.entries())
    if (mayMatch(seen, number) && known.hints.some((hint) => text.includes(hint)))
      add(known.kind, findKnown(text, known), disguise);
  add("password", findAssigned(text), disguise);
  if (text.includes("@")) add("email", findEmails(text), disguiseEmail, (address) => address.toLowerCase());
  for (const { start, line } of linesWithNumbers(text)) {
    add("iban", findIbans(line), disguiseIban, compactIban, start);
    add("card-number", findCards(line), disguiseCard, digitsOf, start);
    add("phone", findPhones(line), disguisePhone, digitsOf, start);
  }
  return findings;
};

const itself = (secret: string): string => secret;

/** Seven digits with little between each two, without which a line holds nothing that is made of digits. */
const digits = /\d(?:[ \u00a0()./\u2010\u2011-]{0,3}\d){6}/g;

/** Most texts have few lines with long numbers, and no number goes on in the next line. */
function* linesWithNumbers(text: string): Generator<{ readonly start: number; readonly line: string }> {
  for (let at = 0; ;) {
    digits.lastIndex = at;
    const match = digits.exec(text);
    if (match === null) return;
    const start = text.lastIndexOf("\n", match.index) + 1;
    const end = text.indexOf("\n", match.index);
    yield { start, line: text.slice(start, end < 0 ? text.length : end) };
    if (end < 0) return;
    at = end;
  }
}

const findKnown = (text: string, { pattern }: SecretPattern): Places =>
  [...text.matchAll(pattern)].map((match) => [match.index + (match[1] ?? "").length, match.index + match[0].length]);

const findIbans = (text: string): Places =>
  [...text.matchAll(ibanStart)].flatMap(({ index }): [number, number][] => {
    const found = ibanAt(text, index);
    return found === undefined ? [] : [[index, index + found.length]];
  });

const findCards = (text: string): Places =>
  [...text.matchAll(cardPattern)]
    .filter(([match]) => isCardNumber(match))
    .map((match) => [match.index, match.index + match[0].length]);
