import type { Gguf } from "./gguf.ts";
import { flagValue, numbersValue, textsValue, textValue } from "./gguf-value.ts";

/** What it takes to turn token ids back into the bytes they stand for. */
export interface Vocab {
  /** SentencePiece (`llama`) or byte-level BPE (`gpt2`). */
  readonly kind: "llama" | "gpt2";
  /** Id → bytes of the text. For SentencePiece these have ▁ (3 bytes) where the text has a space. */
  readonly pieces: readonly Uint8Array[];
  /** Id → `enum llama_token_type`. */
  readonly types: Float64Array;
  /** SentencePiece: a space is put before the text, and after each user-defined token. */
  readonly spacePrefix: boolean;
}

/** `enum llama_token_type` in include/llama.h. */
const tokenType = { unknown: 2, control: 3, userDefined: 4, byte: 6 } as const;

/** n_vocab: entries of the vocabulary; undefined where the file has none. */
export const vocabularySize = ({ metadata }: Gguf): number | undefined =>
  textsValue(metadata, "tokenizer.ggml.tokens")?.length;

/** Reads the vocabulary of a model; undefined for the kinds that this file does not know. */
export const readVocab = ({ metadata }: Gguf): Vocab | undefined => {
  const kind = textValue(metadata, "tokenizer.ggml.model");
  const texts = textsValue(metadata, "tokenizer.ggml.tokens");
  if (texts === undefined || (kind !== "llama" && kind !== "gpt2")) return undefined;
  const types = numbersValue(metadata, "tokenizer.ggml.token_type") ?? new Float64Array(texts.length).fill(1);
  const pieces = texts.map((text, id) => pieceOf(kind, text, types[id] ?? 1));
  const prefix = flagValue(metadata, "tokenizer.ggml.add_space_prefix") ?? true;
  return { kind, pieces, types, spacePrefix: kind === "llama" && prefix };
};

const utf8 = new TextEncoder();

const pieceOf = (kind: Vocab["kind"], text: string, type: number): Uint8Array => {
  if (type === tokenType.userDefined) return utf8.encode(text);
  if (kind === "gpt2") return bytesOfBpe(text);
  const byte = type === tokenType.byte ? /^<0x([0-9A-Fa-f]{2})>$/.exec(text)?.[1] : undefined;
  return byte === undefined ? utf8.encode(text) : Uint8Array.of(Number.parseInt(byte, 16));
};

const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

const hiddenBytes = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !isPrintable(byte));

const characterOf = (byte: number): number => (isPrintable(byte) ? byte : 0x100 + hiddenBytes.indexOf(byte));

/**
 * Byte-level BPE writes each byte as one visible character: the printable bytes of Latin-1 as themselves, the others as
 * U+0100, U+0101, … in their order (`bytes_to_unicode` of GPT-2; src/unicode.cpp).
 */
const byteOfCharacter: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 256 }, (_, byte): [number, number] => [characterOf(byte), byte]),
);

const bytesOfBpe = (text: string): Uint8Array => {
  const bytes: number[] = [];
  for (const character of text) {
    const byte = byteOfCharacter.get(character.codePointAt(0) ?? 0);
    // A character outside of the alphabet stands for itself; if that is wrong, the text will not be reproduced.
    if (byte === undefined) bytes.push(...utf8.encode(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
};

/** Where each token ends. */
export interface TokenSpans {
  /**
   * One byte offset a token, into the text. Tokens that cut a character have an offset inside of it; control tokens such
   * as BOS end where they begin.
   */
  readonly ends: Uint32Array;
}

/**
 * Finds each token's end in the text it was made from. Undefined when the tokens, one after another, do not give exactly
 * the bytes of `text`: the tokenizer normalized it, or lost something. Then only an estimate is possible.
 */
export const tokenSpans = (ids: Int32Array, vocab: Vocab, text: Uint8Array): TokenSpans | undefined => {
  const reader = vocab.kind === "llama" ? escapedReader(text) : plainReader(text);
  const ends = new Uint32Array(ids.length);
  let fresh = true;
  for (const [index, id] of ids.entries()) {
    const piece = vocab.pieces[id];
    const type = vocab.types[id];
    if (piece === undefined || type === tokenType.unknown) return undefined;
    if (type !== tokenType.control) {
      const literal = type === tokenType.userDefined;
      if (fresh && !literal && vocab.spacePrefix) reader.prefix();
      if (!piece.every((byte) => reader.next(literal) === byte)) return undefined;
      fresh = literal;
    }
    ends[index] = reader.position();
  }
  return reader.position() === text.length ? { ends } : undefined;
};

interface TextReader {
  /** The next byte as a token has it; undefined at the end. `literal` is for tokens in which a space is a space. */
  readonly next: (literal: boolean) => number | undefined;
  /** Puts a space before what follows, unless nothing does. */
  readonly prefix: () => void;
  /** Bytes of the text that were read whole. */
  readonly position: () => number;
}

const plainReader = (text: Uint8Array): TextReader => {
  let position = 0;
  return { next: () => text[position++], prefix: () => {}, position: () => position };
};

/** ▁, U+2581 */
const mark = [0xe2, 0x96, 0x81] as const;
const space = 0x20;

/**
 * Reads a text as if each space were ▁, byte by byte: SentencePiece replaces them before it cuts, and a token can hold a
 * part of the three bytes when what is beside them is not UTF-8.
 */
const escapedReader = (text: Uint8Array): TextReader => {
  let position = 0;
  /** Bytes of the mark that are out already. */
  let part = 0;
  let virtual = false;
  const next = (literal: boolean): number | undefined => {
    const inMark = virtual || (!literal && text[position] === space);
    if (!inMark) return text[position++];
    const byte = mark[part];
    part = (part + 1) % mark.length;
    if (part === 0 && virtual) virtual = false;
    else if (part === 0) position += 1;
    return byte;
  };
  return {
    next,
    prefix: () => {
      virtual = position < text.length;
    },
    position: () => position,
  };
};
