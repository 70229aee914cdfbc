import { ok } from "../../src/base/result.ts";
import type { Corpus, CorpusRequest } from "../../src/corpus/assemble.ts";
import { assemble } from "../../src/corpus/assemble.ts";
import type { Tokenize, Tokens } from "../../src/corpus/measured.ts";
import type { RawFiles, RawPrompts } from "../../src/corpus/sources.ts";
import { apportion } from "../../src/plan/apportion.ts";
import type { PromptGrammar } from "../../src/corpus/expand.ts";

/** Token ids by piece: one id for one piece, the same in every text. */
const ids = new Map<string, number>();
const idOf = (piece: string): number => {
  const known = ids.get(piece) ?? ids.size + 10;
  ids.set(piece, known);
  return known;
};

const tokenizer =
  (pattern: RegExp, bos: boolean): Tokenize =>
  (text) => {
    const pieces = [...text.matchAll(pattern)];
    const ends = pieces.map((match) => Buffer.byteLength(text.slice(0, match.index + match[0].length)));
    const tokens: Tokens = {
      ids: Int32Array.from([...(bos ? [1] : []), ...pieces.map(([piece]) => idOf(piece))]),
      ends: Uint32Array.from([...(bos ? [0] : []), ...ends]),
      exact: true,
    };
    return Promise.resolve(ok(tokens));
  };

/** One token a word, BOS before the first. */
export const words = tokenizer(/\S+/g, true);
/** As words, without BOS. */
export const wordsWithoutBos = tokenizer(/\S+/g, false);
/** Like BPE: a space sticks to the word behind it, long words have several tokens, line ends are tokens. */
export const subwords = tokenizer(/ ?[^\s]{1,4}|\n+| /gu, true);

/** A document of `count` words of its own. */
export const textOf = (name: string, count: number): string =>
  Array.from({ length: count }, (_, index) => `${name}w${index}`).join(" ");

export const filesSource = (
  id: string,
  files: Readonly<Record<string, string>>,
  change: Partial<RawFiles> = {},
): RawFiles => ({
  kind: "files",
  id,
  domain: "medical",
  share: 1,
  files: Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
  ...change,
});

/** `count` documents of `length` words each, named `<id>0.txt` and so on. */
export const manyFiles = (id: string, count: number, length: number, change: Partial<RawFiles> = {}): RawFiles =>
  filesSource(
    id,
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`${id}${index}.txt`, textOf(`${id}${index}`, length)]),
    ),
    change,
  );

export const promptsSource = (id: string, grammar: PromptGrammar, change: Partial<RawPrompts> = {}): RawPrompts => ({
  kind: "prompts",
  id,
  domain: "medical",
  share: 1,
  grammar,
  ...change,
});

export const weighted = (texts: readonly string[], weight = 1) => texts.map((text) => ({ text, weight }));

/** A grammar whose every template says its own number. */
export const numberedGrammar = (templates: number): PromptGrammar => ({
  templates: weighted(Array.from({ length: templates }, (_, index) => `t${index}x {a} {b} {c} {d}`)),
  slots: Object.fromEntries(
    ["a", "b", "c", "d"].map((slot) => [slot, weighted(Array.from({ length: 20 }, (_, index) => `${slot}${index}`))]),
  ),
});

export const request = (sources: CorpusRequest["sources"], change: Partial<CorpusRequest> = {}): CorpusRequest => ({
  seed: 7,
  sources,
  calibration: sources.map(({ id }) => ({ id, chunks: 3 })),
  calibrationContext: 32,
  domain: "medical",
  shards: [2, 3],
  searchUnits: 2,
  unit: 32,
  apportion,
  ...change,
});

/** The corpus of a request that can be met. */
export const assembled = async (asked: CorpusRequest, tokenize: Tokenize = words): Promise<Corpus> => {
  const corpus = await assemble(asked, tokenize);
  if (!corpus.ok) throw new Error(JSON.stringify(corpus.error));
  return corpus.value;
};

export const tokensOf = async (text: string, tokenize: Tokenize = words): Promise<Tokens> => {
  const tokens = await tokenize(text);
  if (!tokens.ok) throw new Error("no tokens");
  return tokens.value;
};
