import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ok } from "../../src/base/result.ts";
import { type ByteSource, readGgufFrom, withFileSource } from "../../src/llama/byte-source.ts";
import { readGguf } from "../../src/llama/gguf.ts";
import { shardNames } from "../../src/base/shard-names.ts";
import { readParts } from "../../src/llama/parts.ts";
import { joinShards } from "../../src/llama/shards.ts";
import { type Entry, floats, ggufBytes, type Tensor } from "./gguf-writer.ts";

const model = new URL("../../models/pocket-f16.gguf", import.meta.url).pathname;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "shards-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ask {
  readonly offset: number;
  readonly length: number;
}

/** Bytes from memory, with a list of what was asked for. `size` may be far larger than what is there. */
const counted = (bytes: Uint8Array, size = bytes.length): { readonly source: ByteSource; readonly asked: Ask[] } => {
  const asked: Ask[] = [];
  const read: ByteSource["read"] = async (offset, length) => {
    asked.push({ offset, length });
    const part = new Uint8Array(length);
    part.set(bytes.subarray(offset, offset + length));
    return ok(part);
  };
  return { source: { size, read }, asked };
};

describe("readGgufFrom", () => {
  it("reads the same header as the reader of files", async () => {
    const [there, here] = [await withFileSource(model, readGgufFrom), readGguf(model)];
    expect(there).toEqual(here);
  });

  it("reads no byte twice, and of a large file only the front", async () => {
    const long = ggufBytes(
      [{ key: "texts", texts: Array.from({ length: 150_000 }, (_, index) => `token ${index}`) }],
      [],
    );
    const { source, asked } = counted(long, 50e9);
    expect((await readGgufFrom(source)).ok).toBe(true);
    let end = 0;
    for (const { offset, length } of asked) {
      expect(offset).toBe(end);
      end += length;
    }
    expect(end).toBeLessThan(2 * Math.max(long.length, 1024 ** 2));
  });

  it("asks once for what is no GGUF file, however long it is", async () => {
    const { source, asked } = counted(Buffer.from("x".repeat(100)), 50e9);
    expect(await readGgufFrom(source)).toEqual({ ok: false, error: { why: "is no GGUF file" } });
    expect(asked.length).toBe(1);
  });

  it("stops at the most that a header may have", async () => {
    const endless = Buffer.alloc(24);
    endless.write("GGUF");
    endless.writeUInt32LE(3, 4);
    endless.writeBigUInt64LE(60_000n, 16);
    const { source, asked } = counted(endless, 50e9);
    const found = await readGgufFrom(source);
    expect(found.ok).toBe(false);
    expect(asked.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(300e6);
  });

  it("hands on what the source says, and what it did not give", async () => {
    const gone: ByteSource = { size: 10_000, read: async () => ({ ok: false, error: { why: "is gone" } }) };
    expect(await readGgufFrom(gone)).toEqual({ ok: false, error: { why: "is gone" } });
    const short: ByteSource = { size: 10_000, read: async () => ok(new Uint8Array(5)) };
    expect(await readGgufFrom(short)).toEqual({ ok: false, error: { why: "gave 5 bytes at 0" } });
    expect(await withFileSource(join(directory, "none"), readGgufFrom)).toEqual({
      ok: false,
      error: { why: "cannot be read (ENOENT)" },
    });
    expect(await withFileSource(directory, readGgufFrom)).toEqual({ ok: false, error: { why: "is no regular file" } });
  });
});

const tensor = (name: string): Tensor => ({ name, dims: [4], type: 0, data: floats([1, 2, 3, 4]) });

interface Shard {
  readonly no: number;
  readonly count?: number;
  readonly tensors?: number;
  readonly names: readonly string[];
  readonly architecture?: string;
}

const shard = ({ no, count = 2, tensors = 3, names, architecture }: Shard): Buffer => {
  const entries: Entry[] = [
    { key: "split.no", u32: no },
    { key: "split.count", u32: count },
    { key: "split.tensors.count", u32: tensors },
    ...(architecture === undefined ? [] : [{ key: "general.architecture", text: architecture }]),
  ];
  return ggufBytes(entries, names.map(tensor));
};

const good: readonly [Shard, Shard] = [
  { no: 0, names: ["a", "b"], architecture: "llama" },
  { no: 1, names: ["c"] },
];

/** Writes both files and reads the model by the second one's name. */
const joined = (shards: readonly Shard[]): string => {
  for (const [index, each] of shards.entries())
    writeFileSync(join(directory, `m-0000${index + 1}-of-00002.gguf`), shard(each));
  const read = readParts(shardNames(join(directory, "m-00002-of-00002.gguf")));
  return read.ok ? read.value.tensors.map(({ name }) => name).join() : read.error.why.replaceAll(`${directory}/`, "");
};

describe("a model in several files", () => {
  it("is read whole by the name of any part", async () => {
    expect(joined(good)).toBe("a,b,c");
  });

  it.each([
    [
      "a part of another model",
      { ...good[1], count: 3 },
      "has a part m-00002-of-00002.gguf that is one of 3 files, not of 2",
    ],
    [
      "a part in the wrong place",
      { ...good[1], no: 0 },
      "has a part m-00002-of-00002.gguf that says it is number 1, not 2",
    ],
    [
      "another architecture",
      { ...good[1], architecture: "qwen2" },
      "has a part m-00002-of-00002.gguf of the architecture qwen2, not llama",
    ],
    [
      "another count",
      { ...good[1], tensors: 4 },
      "has a part m-00002-of-00002.gguf that counts 4 tensors in all, not 3",
    ],
    ["a missing tensor", { ...good[1], names: [] }, "has 2 tensors in its files, and says 3"],
    ["a tensor twice", { ...good[1], names: ["a"] }, "has a tensor twice in its files"],
  ])("is refused with %s", async (_, second, why) => {
    expect(joined([good[0], second])).toBe(why);
  });

  it("is refused when a part is not there, or the first says that there are more", async () => {
    rmSync(join(directory, "m-00001-of-00002.gguf"), { force: true });
    writeFileSync(join(directory, "m-00002-of-00002.gguf"), shard(good[1]));
    const read = readParts(shardNames(join(directory, "m-00002-of-00002.gguf")));
    expect(read.ok ? "" : read.error.why).toContain("m-00001-of-00002.gguf that cannot be read (ENOENT)");
    writeFileSync(join(directory, "alone.gguf"), shard(good[0]));
    const alone = readGguf(join(directory, "alone.gguf"));
    if (!alone.ok) throw new Error(alone.error.why);
    expect(joinShards([{ name: "alone.gguf", gguf: alone.value }])).toMatchObject({
      error: { why: "is in 2 files, 1 of them here" },
    });
  });

  it("names its parts, and does not take every name for one", () => {
    expect(shardNames("a/b-00002-of-00003.gguf")).toEqual([1, 2, 3].map((no) => `a/b-0000${no}-of-00003.gguf`));
    for (const name of ["b.gguf", "b-1-of-3.gguf", "b-00001-of-99999.gguf", "b-00001-of-00000.gguf", ""])
      expect(shardNames(name)).toEqual([name]);
  });
});
