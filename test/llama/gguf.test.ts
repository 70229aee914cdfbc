import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ggmlTypes } from "../../src/llama/ggml-types.ts";
import { checkGguf, readGguf } from "../../src/llama/gguf.ts";
import { flagValue, numbersValue, numberValue, textsValue, textValue } from "../../src/llama/gguf-value.ts";
import { type Entry, floats, ggufBytes, type Tensor } from "./gguf-writer.ts";
import { random } from "./random.ts";

const model = new URL("../../models/pocket-f16.gguf", import.meta.url).pathname;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "gguf-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = (bytes: Uint8Array): string => {
  const path = join(directory, "file.gguf");
  writeFileSync(path, bytes);
  return path;
};
const why = (bytes: Uint8Array): string => {
  const result = checkGguf(file(bytes));
  return result.ok ? "ok" : result.error.why;
};

const entries: readonly Entry[] = [
  { key: "general.architecture", text: "llama" },
  { key: "tokens", texts: ["a", "ü", ""] },
  { key: "scores", floats: [0.5, -1] },
  { key: "flag", bool: true },
];
const tensor: Tensor = { name: "t", dims: [4], type: 0, data: floats([1, 2, 3, 4]) };
const good = ggufBytes(entries, [tensor, { ...tensor, name: "u" }]);

describe("readGguf", () => {
  it("reads the demo model", () => {
    const result = checkGguf(model);
    if (!result.ok) throw new Error(result.error.why);
    const { metadata, tensors, bytes, alignment, version } = result.value;
    expect({ alignment, version, tensors: tensors.length, bytes }).toEqual({
      alignment: 32,
      version: 3,
      tensors: 56,
      bytes: readFileSync(model).length,
    });
    expect(numberValue(metadata, "llama.context_length")).toBe(512);
    expect(textsValue(metadata, "tokenizer.ggml.tokens")).toHaveLength(4096);
    expect(numbersValue(metadata, "tokenizer.ggml.scores")).toHaveLength(4096);
    expect(flagValue(metadata, "tokenizer.ggml.add_bos_token")).toBe(true);
    const embedding = tensors.find(({ name }) => name === "token_embd.weight");
    expect(embedding).toMatchObject({ dims: [256, 4096], type: { name: "f16" }, bytes: 2 * 256 * 4096 });
  });

  it("keeps a byte order mark, which may be a token of its own", () => {
    const marks = ["\ufeff", "\ufeffa", "a\ufeff"];
    const result = readGguf(file(ggufBytes([{ key: "tokens", texts: marks }], [tensor])));
    if (!result.ok) throw new Error(result.error.why);
    expect(textsValue(result.value.metadata, "tokens")).toEqual(marks);
  });

  it("reads version 2 as well, and every kind of value", () => {
    const result = readGguf(file(ggufBytes(entries, [tensor], 2)));
    if (!result.ok) throw new Error(result.error.why);
    const { metadata } = result.value;
    expect(textValue(metadata, "general.architecture")).toBe("llama");
    expect(textsValue(metadata, "tokens")).toEqual(["a", "ü", ""]);
    expect([...(numbersValue(metadata, "scores") ?? [])]).toEqual([0.5, -1]);
    expect(textValue(metadata, "flag")).toBeUndefined();
  });

  it("takes a file that ends with its last tensor, without padding, and none shorter", () => {
    const path = file(good);
    const whole = checkGguf(path);
    if (!whole.ok) throw new Error(whole.error.why);
    truncateSync(path, whole.value.bytes);
    expect(checkGguf(path).ok).toBe(true);
    truncateSync(path, whole.value.bytes - 1);
    expect(checkGguf(path)).toMatchObject({ ok: false });
    expect(readGguf(path).ok).toBe(true);
  });

  it("refuses every header that is cut short", () => {
    const { dataOffset } = (() => {
      const result = readGguf(file(good));
      return result.ok ? result.value : { dataOffset: 0 };
    })();
    for (let length = 0; length < dataOffset; length += 1) expect(why(good.subarray(0, length))).not.toBe("ok");
  });
});

/** `good` with a 64-bit number written over it. */
const patched = (at: number, value: bigint): Buffer => {
  const bytes = Buffer.from(good);
  bytes.writeBigUInt64LE(value, at);
  return bytes;
};

describe("hostile files", () => {
  it.each([
    ["no GGUF", Buffer.from("x".repeat(100)), "is no GGUF file"],
    ["zeros", Buffer.alloc(100), "begins with zeros in place of GGUF, so its writer did not finish"],
    ["empty", Buffer.alloc(0), "is too short for a GGUF header"],
    ["version 1", ggufBytes([], [], 1), "has GGUF version 1, not 2 or 3"],
    ["big-endian", ggufBytes([], [], 0x03000000), "is a big-endian GGUF file"],
    ["tensors", patched(8, 2n ** 40n), `has ${2 ** 40} tensors, more than 262144`],
    ["tensors beyond 2^53", patched(8, 2n ** 63n), `has a number of tensors of ${2n ** 63n}, which cannot be`],
    ["a key's length", patched(24, 2n ** 32n), `has a key of ${2 ** 32} bytes, more than 65535`],
    ["a key within limits but beyond the end", patched(24, 60_000n), "ends within its header"],
    ["a key twice", ggufBytes([entries[0]!, entries[0]!], []), 'has the key "general.architecture" twice'],
    ["an empty key", ggufBytes([{ key: "", u32: 1 }], []), "has an empty key at entry 1"],
    ["alignment", ggufBytes([{ key: "general.alignment", u32: 24 }], []), "has an alignment that is no power of two"],
    ["a tensor twice", ggufBytes([], [tensor, tensor]), 'has the tensor "t" twice'],
    ["a type", ggufBytes([], [{ ...tensor, type: 99 }]), 'has the tensor "t" of the unknown type 99'],
    ["a removed type", ggufBytes([], [{ ...tensor, type: 4 }]), 'has the tensor "t" of the unknown type 4'],
    ["rows", ggufBytes([], [{ ...tensor, type: 2 }]), 'has the tensor "t" with rows of 4, no multiple of 32'],
    ["rank", ggufBytes([], [{ ...tensor, dims: [1, 1, 1, 1, 1] }]), 'has the tensor "t" with 5 dimensions'],
    [
      "a tensor beyond all bytes",
      ggufBytes([], [{ ...tensor, dims: [2 ** 40, 2 ** 40] }]),
      'has the tensor "t" of more bytes than can be',
    ],
    [
      "a tensor beyond the end",
      ggufBytes([], [{ ...tensor, dims: [1000] }]),
      "is 96 bytes long, but its tensors need 4064",
    ],
    ["an overlap", ggufBytes([], [tensor, { ...tensor, name: "u", data: new Uint8Array(0) }]), "is 128 bytes long"],
  ])("names what is wrong with %s", (_, bytes, reason) => {
    expect(why(bytes)).toContain(reason);
  });

  it("does not allocate by the length of an array", () => {
    const bytes = ggufBytes([{ key: "k", floats: [1] }], []);
    const at = 24 + 8 + 1 + 4 + 4;
    bytes.writeBigUInt64LE(1_000_000n, at);
    expect(why(bytes)).toBe('ends within the array "k"');
    bytes.writeBigUInt64LE(2n ** 40n, at);
    expect(why(bytes)).toBe(`has arrays of ${2 ** 40} elements, more than 4194304`);
  });

  it("is told that a path is none", () => {
    expect(readGguf(join(directory, "absent"))).toEqual({ ok: false, error: { why: "cannot be read (ENOENT)" } });
    expect(readGguf(directory)).toEqual({ ok: false, error: { why: "is no regular file" } });
  });

  it("never makes the reader throw or dawdle: 500 mutations", () => {
    const source = readFileSync(model).subarray(0, 100_000);
    const next = random(7);
    const started = performance.now();
    for (let round = 0; round < 500; round += 1) {
      // Half of them in a file of a few hundred bytes, where every byte matters.
      const bytes = Buffer.from(round % 2 === 0 ? good : source.subarray(0, 2000 + next(98_000)));
      mutate(bytes, next);
      expect(why(bytes)).toMatch(/^(ok|[a-z][^\n]+[^.\n])$/);
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

/** Overwrites a few places with bytes, extreme counts or bytes from elsewhere. */
const mutate = (bytes: Buffer, next: (limit: number) => number): void => {
  for (let change = 1 + next(4); change > 0; change -= 1) {
    const at = next(Math.min(bytes.length, 3000) - 8);
    const kind = next(4);
    if (kind === 0) bytes[at] = next(256);
    else if (kind === 1) bytes.writeBigUInt64LE((1n << BigInt(next(64))) - BigInt(next(2)), at);
    else if (kind === 2) bytes.writeUInt32LE(next(0x1_0000_0000), at);
    else bytes.copyWithin(at, next(bytes.length), next(bytes.length));
  }
};

/** Bits per weight. */
const bits = (name: string): number => {
  const type = [...ggmlTypes.values()].find((row) => row.name === name);
  return ((type?.bytes ?? 0) * 8) / (type?.block ?? 1);
};

describe("ggmlTypes", () => {
  it("has a name and a source for each, sizes that fit, and real bits per weight", () => {
    const names = [...ggmlTypes.values()].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([bits("q4_0"), bits("q4_K"), bits("q6_K"), bits("iq2_xs"), bits("q8_0")]).toEqual([
      4.5, 4.5, 6.5625, 2.3125, 8.5,
    ]);
    for (const { source, block } of ggmlTypes.values()) {
      expect(source).not.toBe("");
      expect([1, 32, 64, 128, 256]).toContain(block);
    }
  });
});
