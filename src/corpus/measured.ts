import type { Result } from "../base/result.ts";

/** Between two documents of a text. */
export const separator = "\n\n";

/** A text as the model's tokenizer sees it. */
export interface Tokens {
  readonly ids: Int32Array;
  /** Byte offset in the text at which each token ends; a token without bytes (BOS) ends where the one before it does. */
  readonly ends: Uint32Array;
  /** False when the offsets could only be estimated from the number of tokens. */
  readonly exact: boolean;
}

/** Tokenizes a whole text just as llama-imatrix and llama-perplexity will. */
export type Tokenize = (text: string) => Promise<Result<Tokens>>;

/** The text of a document, or its beginning where no more can be packed, and where it comes from. */
export interface MeasurableText {
  readonly document: number;
  /** Id of the source. */
  readonly source: string;
  readonly group: string;
  readonly name: string;
  readonly bytes: Buffer;
}

/** A text with the byte offsets, within itself, at which its tokens end; its separator's tokens are counted. */
export interface MeasuredDocument extends MeasurableText {
  readonly ends: Uint32Array;
  /** Tokens of the text and the separator after it. */
  readonly tokens: number;
}

/** Measures texts inside one joined text, because a tokenizer sees the same word differently at a text's start. */
export const measure = async (
  texts: readonly MeasurableText[],
  tokenize: Tokenize,
): Promise<Result<MeasuredDocument[]>> => {
  const tokens = await tokenize(texts.map(({ bytes }) => bytes.toString("utf8") + separator).join(""));
  return tokens.ok ? { ok: true, value: divide(texts, tokens.value.ends) } : tokens;
};

const divide = (texts: readonly MeasurableText[], ends: Uint32Array): MeasuredDocument[] => {
  let start = 0;
  let token = 0;
  return texts.map((text) => {
    const stop = start + text.bytes.length + separator.length;
    const first = token;
    while (token < ends.length && (ends[token] ?? 0) <= stop) token += 1;
    // What ends before the text's first byte is no token of it: BOS, before the first.
    const own = ends.subarray(first, token).filter((end) => end > start);
    const relative = own.map((end) => end - start);
    start = stop;
    return { ...text, ends: relative, tokens: relative.length };
  });
};

/** Bytes up to the first word boundary at or after `tokens` tokens of a document, and how many tokens that takes. */
export const cutAt = ({ bytes, ends }: MeasuredDocument, tokens: number): { bytes: Buffer; tokens: number } => {
  const wanted = ends[tokens - 1] ?? bytes.length;
  const cut = Math.min(bytes.length, wordEnd(bytes, wanted));
  const last = ends.findIndex((end) => end >= cut);
  return { bytes: bytes.subarray(0, cut), tokens: last === -1 ? ends.length : last + 1 };
};

const longestWord = 64;

const wordEnd = (bytes: Buffer, from: number): number => {
  for (let at = from; at < from + longestWord; at += 1) {
    if (at >= bytes.length || bytes[at] === 0x20 || bytes[at] === 0x0a) return at;
  }
  // No word boundary in sight, as in base64: cut between two characters instead.
  let at = from;
  while (((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
};
