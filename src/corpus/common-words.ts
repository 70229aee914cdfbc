/**
 * Words that are very common in one language and rare or unknown in the others, so that a handful of them tells it. Words
 * that neighbours share are left out: "der" is Danish too, "les" Catalan, "is" Dutch, "van" Turkish, "are" Romanian.
 */
const lists: Readonly<Record<string, string>> = {
  en: "the and of with from that this which were been have would their there what when who she his has not",
  de: "und nicht ist eine einen einem einer das für auf wird werden sich auch oder bei nach",
  fr: "une dans pour avec cette sont nous vous aux été leur elle",
  es: "los las pero muy también hasta desde cuando donde según",
  it: "gli della delle sono nel nella anche più dei degli alla dal",
  pt: "não uma são dos pelo pela ao foi seu sua",
  nl: "het een niet zijn aan voor ook maar naar wordt deze",
};

const languages: ReadonlyMap<string, string> = new Map(
  Object.entries(lists).flatMap(([language, words]) =>
    words.split(" ").map((word): [string, string] => [word, language]),
  ),
);

/** How many of these words there must be, how many different ones, and which part of all; prose has twice that. */
const fewest = { words: 5, different: 3, part: 0.05 };

/** How many times as many there must be as of the next language: a text in two languages is left to others. */
const lead = 4;

/** The language of words in small letters, when its common words leave no doubt. */
export const languageOfWords = (words: readonly string[]): string | undefined => {
  const found = new Map<string, string[]>();
  for (const word of words) {
    const language = languages.get(word);
    if (language === undefined) continue;
    const others = found.get(language);
    if (others === undefined) found.set(language, [word]);
    else others.push(word);
  }
  const [first, second] = [...found].sort(([, a], [, b]) => b.length - a.length);
  if (first === undefined) return undefined;
  const [language, { length }] = first;
  const isClear = length >= Math.max(fewest.words, words.length * fewest.part, (second?.[1].length ?? 0) * lead);
  return isClear && new Set(first[1]).size >= fewest.different ? language : undefined;
};
