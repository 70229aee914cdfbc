import { withOtherLastDigit } from "./card-number.ts";
import { disguise, type Draw } from "./disguise.ts";

/** Characters of an account number by country: SWIFT's IBAN Registry. */
const registry =
  "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 " +
  "FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 " +
  "LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 " +
  "RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

const lengths: ReadonlyMap<string, number> = new Map(
  registry.split(" ").map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Where an IBAN may begin. */
export const ibanStart = /[A-Z](?<![A-Za-z0-9][A-Z])[A-Z]\d{2}(?=[ \u00a0]?[A-Z0-9]{4})/g;

/** The IBAN that begins at `start`, with the spaces between its groups, if there is one. */
export const ibanAt = (text: string, start: number): string | undefined => {
  const length = lengths.get(text.slice(start, start + 2));
  if (length === undefined) return undefined;
  let taken = "";
  let at = start;
  while (taken.length < length) {
    const character = text.charAt(at);
    if (/[A-Z0-9]/.test(character)) taken += character;
    // Groups of four: a space anywhere else ends it.
    else if (!/[ \u00a0]/.test(character) || taken.length % 4 !== 0 || /[ \u00a0]/.test(text.charAt(at - 1)))
      return undefined;
    at += 1;
  }
  return /[A-Za-z0-9]/.test(text.charAt(at)) || !isIban(taken) ? undefined : text.slice(start, at);
};

/** ISO 13616-1 with the check of ISO/IEC 7064, MOD 97-10: letters are numbers from 10 on, the first four come last. */
export const isIban = (compact: string): boolean => {
  let rest = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
};

export const compactIban = (text: string): string => text.replaceAll(/[ \u00a0]/g, "");

/** The same country and groups, and a number that no bank accepts, whatever is drawn. */
export const disguiseIban = (text: string, draw: Draw): string => {
  const disguised = text.slice(0, 2) + disguise(text.slice(2), draw);
  return isIban(compactIban(disguised)) ? withOtherLastDigit(disguised) : disguised;
};
