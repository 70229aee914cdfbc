import { ok, type Result } from "../../src/base/result.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble, type Corpus } from "../../src/corpus/assemble.ts";
import { decodeText } from "../../src/corpus/decode.ts";
import type { Reading } from "../../src/corpus/reading.ts";
import type { Tokenize, Tokens } from "../../src/corpus/measured.ts";
import { promptsSource as expand } from "../../src/corpus/prompts.ts";
import type { CorpusRequest, CorpusSource, Hygiene } from "../../src/corpus/request.ts";
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
    let [from, bytes] = [0, 0];
    const ends = pieces.map((match) => {
      const to = match.index + match[0].length;
      bytes += Buffer.byteLength(text.slice(from, to));
      from = to;
      return bytes;
    });
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

/** A files source that can be changed and copied, unlike one that is read. */
export interface RawFiles extends Pick<CorpusSource, "id" | "domain" | "share"> {
  readonly kind: "files" | "chats";
  readonly holdoutOnly?: boolean;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array; readonly group?: string }[];
}
export interface RawPrompts extends Pick<CorpusSource, "id" | "domain" | "share"> {
  readonly kind: "prompts";
  readonly grammar: PromptGrammar;
}
export type Raw = RawFiles | RawPrompts;

const opened = (raw: Raw, asked: Omit<CorpusRequest, "sources">): CorpusSource => {
  const { id, domain, share } = raw;
  const base = { id, domain, share, license: null, holdoutOnly: false };
  if (raw.kind === "prompts") {
    const chunks = asked.calibration.find((part) => part.id === id)?.chunks ?? 0;
    const calibration = Math.max(2, chunks) * asked.calibrationContext;
    return expand({ ...base, grammar: raw.grammar, seed: asked.seed, unit: asked.unit, calibration });
  }
  return {
    ...base,
    holdoutOnly: raw.holdoutOnly ?? false,
    kind: raw.kind === "chats" ? "chats" : "texts",
    divisible: true,
    bytes: raw.files.reduce((sum, { bytes }) => sum + bytes.length, 0),
    read: () => [raw.files.map(readingOf)],
  };
};

const readingOf = ({ name, bytes, group }: RawFiles["files"][number]): Reading => {
  const text = decodeText(bytes);
  if (!text.ok) return { kind: "unreadable", name, why: text.error };
  return { kind: "document", name, group: group ?? name, text: text.value };
};

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

/** Everything is cleaned, as in a pipeline that says nothing of it; but documents may be short. */
export const hygiene: Hygiene = {
  nfc: true,
  controlCharacters: true,
  boilerplate: true,
  minLength: 1,
  maxLength: 4_000_000,
  languages: null,
  duplicates: true,
  nearDuplicates: true,
  secrets: true,
  unreadable: "refuse",
};

export interface Asked extends Omit<CorpusRequest, "sources"> {
  readonly sources: readonly Raw[];
}

/** Shards of one domain. */
export const shardsOf = (domain: string, sizes: readonly number[]): CorpusRequest["shards"] =>
  sizes.map((units) => ({ domain, units }));

export const request = (sources: readonly Raw[], change: Partial<Asked> = {}): Asked => ({
  seed: 7,
  sources,
  calibration: sources.map(({ id }) => ({ id, chunks: 3 })),
  calibrationContext: 32,
  domains: ["medical"],
  shards: shardsOf("medical", [2, 3]),
  searchUnits: 2,
  unit: 32,
  hygiene,
  short: "refuse",
  overlapLimit: 0.1,
  apportion,
  ...change,
});

/** Assembles in a folder of its own. */
export const assembleRaw = async (
  asked: Asked,
  tokenize: Tokenize = words,
  cancel: AbortSignal = new AbortController().signal,
): Promise<Result<Corpus>> => {
  const folder = mkdtempSync(join(tmpdir(), "pipeline-corpus-"));
  try {
    const sources = asked.sources.map((source) => opened(source, asked));
    const tools = { tokenize, spool: join(folder, "spool.bin"), progress: () => undefined, cancel };
    return await assemble({ ...asked, sources }, tools);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The corpus of a request that can be met. */
export const assembled = async (asked: Asked, tokenize: Tokenize = words): Promise<Corpus> => {
  const corpus = await assembleRaw(asked, tokenize);
  if (!corpus.ok) throw new Error(JSON.stringify(corpus.error));
  return corpus.value;
};

export const tokensOf = async (text: string, tokenize: Tokenize = words): Promise<Tokens> => {
  const tokens = await tokenize(text);
  if (!tokens.ok) throw new Error("no tokens");
  return tokens.value;
};
