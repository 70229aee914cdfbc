import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readGguf } from "../../src/llama/gguf.ts";
import { tokenizeParser } from "../../src/llama/tokenize.ts";
import { readVocab, tokenSpans, type Vocab } from "../../src/llama/vocab.ts";
import { fixture, parsed } from "./fixture.ts";
import { type Entry, ggufBytes, tinyModel } from "./gguf-writer.ts";

const vocabOf = (path: string): Vocab => {
  const header = readGguf(path);
  const vocab = header.ok ? readVocab(header.value) : undefined;
  if (vocab === undefined) throw new Error("no vocabulary");
  return vocab;
};
const vocabIn = (bytes: Uint8Array): Vocab => {
  const directory = mkdtempSync(join(tmpdir(), "vocab-"));
  writeFileSync(join(directory, "m.gguf"), bytes);
  const vocab = vocabOf(join(directory, "m.gguf"));
  rmSync(directory, { recursive: true, force: true });
  return vocab;
};

const demo = vocabOf(new URL("../../models/pocket-f16.gguf", import.meta.url).pathname);
const bpe = vocabIn(tinyModel(256));
/** Letters with accents, an emoji, a literal ▁, a tab, runs of spaces, bytes that are no UTF-8, words like `<s>`. */
const text = fixture("text-for-tokenize.bin");
const bytes = (value: string): Uint8Array => Buffer.from(value);
const spans = (ids: readonly number[], vocab: Vocab, value: string): number[] | undefined => {
  const found = tokenSpans(Int32Array.from(ids), vocab, bytes(value));
  return found === undefined ? undefined : [...found.ends];
};

describe("tokenSpans with SentencePiece", () => {
  const { ids } = parsed(tokenizeParser, "tokenize", "plain");

  it("follows llama-tokenize through a hard text, byte for byte", () => {
    const ends = tokenSpans(ids, demo, text)?.ends;
    expect(ends).toHaveLength(ids.length);
    expect(ends?.[0]).toBe(0);
    expect(ends?.at(-1)).toBe(text.length);
    // " H", two bytes of é, "l", "lo": the space before the H is not in the text.
    expect([...(ends?.subarray(1, 6) ?? [])]).toEqual([1, 2, 3, 4, 6]);
    for (let index = 1; index < ids.length; index += 1) expect(ends![index]).toBeGreaterThanOrEqual(ends![index - 1]!);
  });

  it("notices one byte that differs, is missing, or is too much", () => {
    for (let at = 0; at < text.length; at += 1) {
      const other = Buffer.from(text);
      other[at] = (other[at] ?? 0) ^ 1;
      expect(tokenSpans(ids, demo, other)).toBeUndefined();
    }
    expect(tokenSpans(ids, demo, text.subarray(0, -1))).toBeUndefined();
    expect(tokenSpans(ids, demo, Buffer.concat([text, Buffer.from("x")]))).toBeUndefined();
  });

  it("takes no unknown token and no id outside of the vocabulary", () => {
    expect(spans([1, 0], demo, "x")).toBeUndefined();
    expect(spans([1, 5000], demo, "x")).toBeUndefined();
    expect(spans([-1], demo, "x")).toBeUndefined();
    expect(spans([1], demo, "")).toEqual([0]);
  });

  const entries: readonly Entry[] = [
    { key: "tokenizer.ggml.model", text: "llama" },
    { key: "tokenizer.ggml.tokens", texts: ["<s>", "▁a", "b", "<u v>", "▁"] },
    { key: "tokenizer.ggml.token_type", ints: [3, 1, 1, 4, 1] },
  ];

  it("puts the space that llama.cpp adds at the start, and after a user-defined token", () => {
    const vocab = vocabIn(ggufBytes(entries, []));
    expect(spans([0, 1, 2, 3, 1, 4, 2], vocab, "ab<u v>a b")).toEqual([0, 1, 2, 7, 8, 9, 10]);
    expect(spans([0, 3], vocab, "<u v>")).toEqual([0, 5]);
  });

  it("puts none where the model says so", () => {
    const vocab = vocabIn(ggufBytes([...entries, { key: "tokenizer.ggml.add_space_prefix", bool: false }], []));
    expect(spans([0, 2, 1], vocab, "b a")).toEqual([0, 1, 3]);
    expect(spans([0, 1, 2], vocab, "ab")).toBeUndefined();
  });
});

describe("tokenSpans with byte-level BPE", () => {
  it("follows llama-tokenize", () => {
    const { ids } = parsed(tokenizeParser, "tokenize-bpe-valid", "plain");
    const valid = fixture("text-for-bpe.bin");
    expect(tokenSpans(ids, bpe, valid)?.ends.at(-1)).toBe(valid.length);
  });

  it("gives up where llama.cpp replaced bytes that are no UTF-8", () => {
    const { ids } = parsed(tokenizeParser, "tokenize-bpe", "plain");
    expect(tokenSpans(ids, bpe, text)).toBeUndefined();
  });
});

describe("readVocab", () => {
  it("knows two kinds", () => {
    const header = { version: 3, tensors: [], alignment: 32, dataOffset: 0, bytes: 0 } as const;
    const metadata = new Map([["tokenizer.ggml.model", { type: "string", value: "bert" } as const]]);
    expect(readVocab({ ...header, metadata })).toBeUndefined();
    expect([demo.kind, bpe.kind]).toEqual(["llama", "gpt2"]);
  });
});
