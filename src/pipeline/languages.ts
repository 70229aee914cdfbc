import { nearest } from "./words.ts";

/**
 * Languages that can be told apart, by their ISO 639-1 code: the 60 of the package eld 2.1, which names them so in its
 * README. A test holds the list against the package, which this room does not load.
 */
export const languages: Readonly<Record<string, string>> = {
  am: "Amharic",
  ar: "Arabic",
  az: "Azerbaijani",
  be: "Belarusian",
  bg: "Bulgarian",
  bn: "Bengali",
  ca: "Catalan",
  cs: "Czech",
  da: "Danish",
  de: "German",
  el: "Greek",
  en: "English",
  es: "Spanish",
  et: "Estonian",
  eu: "Basque",
  fa: "Persian",
  fi: "Finnish",
  fr: "French",
  gu: "Gujarati",
  he: "Hebrew",
  hi: "Hindi",
  hr: "Croatian",
  hu: "Hungarian",
  hy: "Armenian",
  is: "Icelandic",
  it: "Italian",
  ja: "Japanese",
  ka: "Georgian",
  kn: "Kannada",
  ko: "Korean",
  ku: "Kurdish",
  lo: "Lao",
  lt: "Lithuanian",
  lv: "Latvian",
  ml: "Malayalam",
  mr: "Marathi",
  ms: "Malay",
  nl: "Dutch",
  no: "Norwegian",
  or: "Oriya",
  pa: "Punjabi",
  pl: "Polish",
  pt: "Portuguese",
  ro: "Romanian",
  ru: "Russian",
  sk: "Slovak",
  sl: "Slovene",
  sq: "Albanian",
  sr: "Serbian",
  sv: "Swedish",
  ta: "Tamil",
  te: "Telugu",
  th: "Thai",
  tl: "Tagalog",
  tr: "Turkish",
  uk: "Ukrainian",
  ur: "Urdu",
  vi: "Vietnamese",
  yo: "Yoruba",
  zh: "Chinese",
};

export const languageCodes: readonly string[] = Object.keys(languages);

/** The help for a code that is none: people also write a language's name, or slip in either. */
export const languageHelp = (written: string): string => {
  const names = Object.values(languages);
  const exact = names.find((name) => name.toLowerCase() === written.trim().toLowerCase());
  if (exact !== undefined) return `${exact} is \`${codeOf(exact)}\``;
  const code = nearest(written, languageCodes);
  if (code !== undefined) return `did you mean \`${code}\` (${languages[code] ?? ""})?`;
  const name = nearest(written, names);
  if (name !== undefined) return `did you mean \`${codeOf(name)}\` (${name})?`;
  return `known are ${languageCodes.join(", ")}`;
};

const codeOf = (name: string): string => languageCodes.find((code) => languages[code] === name) ?? "";
