import { digitsOf } from "./card-number.ts";
import { disguise, type Draw } from "./disguise.ts";

/** Between two groups of digits: a space, a full stop or a hyphen, also those at which no line breaks. */
const separator = String.raw`[ \u00a0.\u2010\u2011-]`;
const notAfter = String.raw`[\w+]|\d[.,:]|\w[/\u2010\u2011-]`;
const notBefore = String.raw`\w|[.,:/-]\d`;

const groups = String.raw`\d{3,8}(?:[ \u00a0\u2010\u2011-]\d{2,6}){0,3}`;

/** What stands before is looked at behind the first character: an engine that begins with a look-behind tries it everywhere. */
const pattern = (first: string, rest: string): RegExp =>
  new RegExp(`${first}(?<!(?:${notAfter})${first})${rest}(?!${notBefore})`, "g");

/** A form in which telephone numbers are written. */
interface Form {
  readonly pattern: RegExp;
  /** Digits that it may have. */
  readonly digits: readonly [number, number];
  /** What has the same form and is something else. */
  readonly unless?: RegExp;
}

/** Year, month and day, or the other way round. */
const date = /(?<!\d)(?:\d{4}([-./ ])\d{1,2}\1\d{1,2}|\d{1,2}([-./ ])\d{1,2}\2(?:19|20)\d\d)(?!\d)/;

/** A month and its year. */
const month = /^(?:0[1-9]|1[0-2]) ?[-/ ] ?(?:19|20)\d\d(?!\d)/;

/** A signed number in one piece or in threes, as "+12 000 000", of fewer digits than those of most countries have. */
const amount = /^\+(?:\d{1,8}|(?=(?:\D*\d){1,10}\D*$)\d{1,3}(?:[ \u00a0.]\d{3})+)$/;

/**
 * Dates, versions, measurements and plain numbers have forms of their own, and a number is taken for a telephone number
 * only where its form is none of those: with a plus, with the zero of a trunk call, or grouped as in North America. What
 * else people write is taken where a word such as "phone" stands before it.
 */
const forms: readonly Form[] = [
  // ITU-T E.123: a plus, the country, groups; `(0)` is what one leaves out from abroad. Of the 15 digits of E.164 nobody
  // uses the last, and the next number in a row is not to be taken in.
  {
    pattern: pattern(String.raw`\+`, String.raw`[1-9](?:${separator}?[()/]?${separator}?[()]?\d){7,13}`),
    digits: [8, 14],
    unless: amount,
  },
  {
    pattern: pattern("0", String.raw`0[1-9]\d{0,2}${separator}(?:${separator}?[()/]?${separator}?\d){6,13}`),
    digits: [11, 16],
    unless: date,
  },
  // North America: neither area nor exchange begins with 0 or 1.
  { pattern: pattern(String.raw`\(`, String.raw`[2-9]\d\d\) ?[2-9]\d\d${separator}\d{4}`), digits: [10, 10] },
  {
    pattern: pattern("[1-9]", String.raw`(?:(?<=1)[-.][2-9]\d\d|(?<=[2-9])\d\d)([-.])[2-9]\d\d\1\d{4}`),
    digits: [10, 11],
  },
  { pattern: pattern("[2-9]", String.raw`\d\d [2-9]\d\d-\d{4}`), digits: [10, 10] },
  // Area code with its zero, then at least three digits in a row, which no date has there.
  {
    pattern: pattern("0", String.raw`[1-9]\d{0,3}(?: ?[/\u2010\u2011-] ?|[ \u00a0])${groups}`),
    digits: [9, 12],
    unless: month,
  },
  { pattern: pattern(String.raw`\(`, String.raw`0[1-9]\d{0,3}\) ?${groups}`), digits: [9, 12] },
  // France: five pairs.
  { pattern: pattern("0", String.raw`[1-9](?:([ \u00a0.-])\d\d)(?:\1\d\d){3}`), digits: [10, 10] },
];

const word = "tele?phone|phone|tel|tele?fax|fax|mobile|pager|telefono?|t[eé]l[eé]phone|tel[eé]fono";

const named: Form = {
  pattern: new RegExp(
    String.raw`\b(?:${word})\b[.)]{0,2} {0,2}(?:(?:no|number|nr)\b\.? {0,2}|(?:is|at|on) )?[:#.]? {0,3}` +
      String.raw`(\(?\d(?:[ \u00a0().\/\u2010\u2011-]{0,2}\d){6,14})(?!${notBefore})`,
    "gi",
  ),
  digits: [7, 15],
  unless: date,
};

/** Places of telephone numbers, from and to, in no order. */
export const findPhones = (text: string): [number, number][] => {
  const wanted = /t[eé]l|phone|fax|mobile|pager/i.test(text) ? [...forms, named] : forms;
  return wanted.flatMap((form) =>
    [...text.matchAll(form.pattern)].flatMap((match): [number, number][] => {
      const end = match.index + match[0].length;
      const number = form === named ? (match[1] ?? "") : match[0];
      return isPhone(number, form) ? [[end - number.length, end]] : [];
    }),
  );
};

const isPhone = (number: string, { digits: [fewest, most], unless }: Form): boolean => {
  const { length } = digitsOf(number);
  return length >= fewest && length <= most && unless?.test(number) !== true && isBalanced(number);
};

const isBalanced = (number: string): boolean => number.split("(").length === number.split(")").length;

/** Countries with a code of two digits; 1 and 7 have one, all others three: ITU-T E.164, list of assigned codes. */
const twoDigitCodes = /^(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/** The part that stays: plus or zeros, and the country; or the zero of a trunk call. */
const prefixLength = (text: string): number => {
  const [start = ""] = /^(?:\+|00(?=[1-9])|\(?0)?/.exec(text) ?? [];
  if (start !== "+" && start !== "00") return start.length;
  const code = text.slice(start.length);
  return start.length + (/^[17]/.test(code) ? 1 : twoDigitCodes.test(code) ? 2 : 3);
};

export const disguisePhone = (text: string, draw: Draw): string => {
  const kept = prefixLength(text);
  return text.slice(0, kept) + disguise(text.slice(kept), draw);
};
