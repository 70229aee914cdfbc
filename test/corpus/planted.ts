/**
 * A corpus with planted likeness, for tests and benchmarks: the same for the same options on every machine. Words follow
 * a frequency like Zipf's, so that phrases are also shared by chance; some documents are in other scripts.
 */
export interface PlantedOptions {
  readonly seed: number;
  readonly documents: number;
  /** Words of a document, at least and about at most; lengths between are equally likely on a logarithmic scale. */
  readonly shortest?: number;
  readonly longest?: number;
  /** Different words that there are. */
  readonly vocabulary?: number;
  /** Part of the documents that are made from others: a fifth each of copies, paraphrases and so on. */
  readonly derived?: number;
}

export interface PlantedDocument {
  readonly name: string;
  readonly text: string;
  readonly kind: PlantedKind;
  /** Places, in the list, of the documents this one was made from; a form's is the one that was filled in first. */
  readonly from: readonly number[];
}

/**
 * `original`: words by chance. `copy`: other case, punctuation, white space and form only. `paraphrase`: some words are
 * replaced, swapped or left out, none to one in seven. `form`: the same long text with other entries. `quote`: an own text
 * around a passage of another document. `joined`: two documents, one behind the other.
 */
export type PlantedKind = "original" | "copy" | "paraphrase" | "form" | "quote" | "joined";

/** Numbers from 0 up to 1, by a counter and the mixing steps of SplitMix (Steele, Lea, Flood 2014) in 32 bits. */
export const chance = (seed: number): (() => number) => {
  let state = Math.imul(seed, 0x9e3779b1) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const once = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    const twice = Math.imul(once ^ (once >>> 15), 0x735a2d97);
    return ((twice ^ (twice >>> 15)) >>> 0) / 2 ** 32;
  };
};

export const planted = (options: PlantedOptions): PlantedDocument[] => {
  const { seed, documents, shortest = 3, longest = 3000, vocabulary = 20_000, derived = 0.5 } = options;
  const random = chance(seed);
  const maker: Maker = {
    random,
    length: () => Math.round(shortest * (longest / shortest) ** random()),
    words: scripts.map((letters, index) => makeWords(letters, index === 0 ? vocabulary : vocabulary / 10, random)),
    forms: [],
    made: [],
  };
  for (let number = 0; number < documents; number += 1) {
    const make = number > 0 && random() < derived ? pick(derivations, random) : original;
    const { words, ...origin } = make(maker);
    maker.made.push({ words, name: `document-${number}`, text: typeset(words, random), ...origin });
  }
  return maker.made.map(({ name, text, kind, from }) => ({ name, text, kind, from }));
};

interface Maker {
  readonly random: () => number;
  readonly length: () => number;
  readonly words: readonly (readonly string[])[];
  /** Forms so far: their words, `undefined` where an entry goes, and the document that was filled in first. */
  readonly forms: { readonly words: readonly (string | undefined)[]; readonly first: number }[];
  readonly made: (PlantedDocument & { readonly words: readonly string[] })[];
}

interface Draft {
  readonly words: readonly string[];
  readonly kind: PlantedKind;
  readonly from: readonly number[];
}

/** The first is what most documents are written in. */
const scripts = [
  "abcdefghijklmnopqrstuvwxyz",
  "abcdeéèêfghiïlmnoôpqrstuüvxyzßœñ",
  "абвгдежзийклмнопрстуфхцчшщыьэюяё",
  "αβγδεζηθικλμνξοπρστυφχψωάέή",
  "的一是不了人我在有他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可",
  "かきくけこさしすせそたちつてとガギグゲゴ",
  "กขคงจชซดตถทนบปผพฟมยรลวสหอ",
  "가나다라마바사아자차카타파하각낙닥락",
];

const makeWords = (letters: string, count: number, random: () => number): string[] => {
  const all = Array.from(letters);
  return Array.from({ length: Math.ceil(count) }, (_, rank) => {
    const length = 1 + Math.floor(random() * (2 + Math.log2(rank + 2) / 2));
    return Array.from({ length }, () => pick(all, random)).join("");
  });
};

const pick = <T>(items: readonly T[], random: () => number): T => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("Internal error: nothing to pick from");
  return item;
};

/** By rank, with a frequency of about 1 / rank. */
const pickWord = (words: readonly string[], random: () => number): string =>
  words[Math.floor(words.length ** random()) - 1] ?? words[0]!;

const sentence = (maker: Maker, length: number): string[] => {
  const { random } = maker;
  const words = random() < 0.85 ? maker.words[0]! : pick(maker.words, random);
  return Array.from({ length }, () => pickWord(words, random));
};

const original = (maker: Maker): Draft => ({ words: sentence(maker, maker.length()), kind: "original", from: [] });

const earlier = ({ made, random }: Maker): number => Math.floor(random() * made.length);

const copy = (maker: Maker): Draft => {
  const from = earlier(maker);
  return { words: maker.made[from]!.words, kind: "copy", from: [from] };
};

const paraphrase = (maker: Maker): Draft => {
  const [from, rate] = [earlier(maker), 0.15 * maker.random() ** 3];
  const words = [...maker.made[from]!.words];
  for (let at = 0; at < words.length; at += 1) {
    if (maker.random() < rate) change(words, at, maker);
  }
  return { words: words.filter((word) => word !== ""), kind: "paraphrase", from: [from] };
};

const change = (words: string[], at: number, maker: Maker): void => {
  const how = maker.random();
  if (how < 0.4) words[at] = pickWord(maker.words[0]!, maker.random);
  else if (how < 0.7 && at > 0) [words[at - 1], words[at]] = [words[at]!, words[at - 1]!];
  else if (words.length > 1) words[at] = "";
};

const form = (maker: Maker): Draft => {
  const { forms, made, random } = maker;
  if (forms.length < 1 + made.length / 300) forms.push({ words: emptyForm(maker), first: made.length });
  const { words, first } = pick(forms, random);
  const filled = words.map((word) => word ?? pickWord(maker.words[0]!, () => 0.5 + random() / 2));
  return { words: filled, kind: "form", from: first === made.length ? [] : [first] };
};

/** One word in 5 to 100 is an entry. */
const emptyForm = (maker: Maker): (string | undefined)[] => {
  const rate = 0.01 * 20 ** maker.random();
  return sentence(maker, maker.length() + 10).map((word) => (maker.random() < rate ? undefined : word));
};

const quote = (maker: Maker): Draft => {
  const from = earlier(maker);
  const { words } = maker.made[from]!;
  const start = Math.floor(maker.random() * words.length);
  const passage = words.slice(start, start + 15 + Math.floor(maker.random() * words.length));
  const around = sentence(maker, Math.ceil(maker.length() / 2));
  return { words: [...around, ...passage, ...around.toReversed()], kind: "quote", from: [from] };
};

const joined = (maker: Maker): Draft => {
  const from = [earlier(maker), earlier(maker)];
  return { words: from.flatMap((index) => maker.made[index]!.words), kind: "joined", from };
};

const derivations = [copy, paraphrase, form, quote, joined];

const separators = [" ", " ", " ", " ", " ", " ", ", ", ". ", "\n", " — ", "; ", " (", ") ", "… ", "” “", "/"];

/** Words → text whose normalised words are the same, in a different guise each time. */
const typeset = (words: readonly string[], random: () => number): string => {
  const loud = random() < 0.02;
  return words
    .map((word) => {
      const guise = loud || random() < 0.05 ? word.toUpperCase().toLowerCase() === word : false;
      return (guise ? word.toUpperCase() : word) + pick(separators, random);
    })
    .join("")
    .trim();
};
