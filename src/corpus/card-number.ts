import { disguise, type Draw } from "./disguise.ts";

/**
 * Where a card number may stand: in one piece, or in the groups that are printed on cards, with one separator
 * throughout. Other groups are rather columns of a table.
 */
export const cardPattern =
  /\d(?<![\w.,+-]\d)(?:\d{12,18}|\d{3}([ \u00a0-])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{3}([ \u00a0-])\d{6}\2\d{4,5})(?![\w-]|[.,]\d)/g;

/** First digits and lengths of the large schemes, by the tables that they publish for merchants. */
const schemes: readonly RegExp[] = [
  // Visa
  /^4(?:\d{12}|\d{15}|\d{18})$/,
  // Mastercard
  /^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))\d+$/,
  // American Express, Diners Club
  /^3[47]\d{13}$/,
  /^3(?:0[0-5]|[689])\d{11,13}$/,
  // JCB
  /^35\d{14,17}$/,
  // Discover, UnionPay, Maestro
  /^6\d{15,18}$/,
  /^5[0678]\d{14}$/,
];

export const digitsOf = (text: string): string => text.replaceAll(/\D/g, "");

export const isCardNumber = (text: string): boolean => {
  const digits = digitsOf(text);
  return schemes.some((scheme) => scheme.test(digits)) && passesLuhn(digits);
};

/** ISO/IEC 7812-1, annex B: every second digit from the right counts double, and the sum of all ends with 0. */
export const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 0x30;
    const counted = at % 2 === 0 ? digit : digit * 2;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return sum % 10 === 0;
};

/** Digits in the same groups that are no card's number, whatever is drawn. */
export const disguiseCard = (text: string, draw: Draw): string => {
  const disguised = disguise(text, draw);
  return passesLuhn(digitsOf(disguised)) ? withOtherLastDigit(disguised) : disguised;
};

/** One digit changed breaks either check sum. */
export const withOtherLastDigit = (text: string): string =>
  text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
