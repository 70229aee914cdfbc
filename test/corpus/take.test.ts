import { readFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ok } from "../../src/base/result.ts";
import type { FarBytes } from "../../src/corpus/far-bytes.ts";
import { takeTexts, type FarFile, type TakeRequest } from "../../src/corpus/take.ts";
import { takenLine } from "../../src/corpus/taken-texts.ts";
import { parquetFile } from "../rig/parquet-file.ts";

/** Bytes in hand that count what is asked of them. */
const counted = (bytes: Buffer): FarBytes & { readonly asked: (readonly [from: number, to: number])[] } => {
  const asked: (readonly [number, number])[] = [];
  const read: FarBytes["read"] = async (offset, length) => {
    if (length < 1 || offset < 0 || offset + length > bytes.length) throw new Error(`asked for ${length} at ${offset}`);
    asked.push([offset, offset + length]);
    return ok(bytes.subarray(offset, offset + length));
  };
  return { size: bytes.length, read, asked };
};

const file = (name: string, bytes: Buffer, source = counted(bytes)): FarFile => ({
  name,
  format: name.includes(".parquet") ? "parquet" : "jsonl",
  open: () => source,
});

const take = async (files: readonly FarFile[], more: Partial<TakeRequest> = {}) => {
  const lines: string[] = [];
  const request = { files, field: "text", seed: 7, bytes: Infinity, documents: 0, ...more };
  const taken = await takeTexts(request, (texts) => lines.push(...texts.map(takenLine)));
  return { taken, lines, texts: lines.map((line) => (JSON.parse(line) as { text?: string; why?: string }).text) };
};

const rows = (from: number, count: number, length = 100): string[] =>
  Array.from({ length: count }, (_, index) => `row ${from + index} `.padEnd(length, "x"));

const fixture = (codec: string): Buffer => readFileSync(new URL(`../rig/parquet/${codec}.parquet`, import.meta.url));

describe("a column of a parquet file", () => {
  test.each(["snappy", "zstd", "gzip", "brotli", "lz4"])("is read as %s packs it", async (codec) => {
    const { taken, texts } = await take([file("a.parquet", fixture(codec))]);
    expect(taken).toMatchObject({ ok: true, value: { rows: 60, documents: 48, empty: 12, parts: 3 } });
    expect(texts).toContain("Text 38 of the fixture, with an ä and an 👩. word word word ");
    const words = await take([file("a.parquet", fixture(codec))], { field: "word" });
    expect(new Set(words.texts)).toEqual(new Set(["one", "two", "three"]));
    const nested = await take([file("a.parquet", fixture(codec))], { field: "body.text" });
    expect(nested.taken).toMatchObject({ ok: true, value: { documents: 36, empty: 24 } });
  });

  test.each([
    ["Text", "has no column `Text`; it has `id`, `text`, `word`, `body`, `list`, `bytes`"],
    ["text.deep", "has no column `text.deep`"],
    ["toString", "has no column `toString`"],
    ["body", "has a group of columns at `body`: name one of `body.text`, `body.n`"],
    ["body.n", "has no text at `body.n` but INT64"],
    ["list", "has lists at `list`, and not one text"],
    ["list.list.element", "has lists at `list.list.element`, and not one text"],
    ["id", "has no text at `id` but INT64"],
  ])("%s is said to be none of texts", async (field, why) => {
    const { taken } = await take([file("a.parquet", fixture("snappy"))], { field });
    expect(taken).toMatchObject({
      ok: false,
      error: { file: "a.parquet", why: expect.stringContaining(why) as string },
    });
  });

  test("of bytes that are no text is told row by row", async () => {
    const { lines, taken } = await take([file("a.parquet", fixture("snappy"))], { field: "bytes" });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ why: expect.stringContaining("NUL") as string });
    expect(taken).toMatchObject({ ok: true, value: { documents: 0, rows: 60 } });
  });

  test("is read no further than is wanted: row groups, pages, and nothing of other columns", async () => {
    const groups = Array.from({ length: 8 }, (_, group) => rows(group * 1000, 1000));
    const { bytes, lying, footer } = parquetFile(groups, { page: 50, ballast: 3_000_000 });
    const source = counted(bytes);
    const { taken } = await take([file("a.parquet", bytes, source)], { bytes: 150_000 });
    expect(taken).toMatchObject({ ok: true, value: { documents: 1500, parts: 2 } });
    const body = source.asked.filter(([from]) => from < bytes.length - Math.max(footer, 65_536));
    const touched = lying.filter(({ text }) => body.some(([from, to]) => from < text.end && to > text.start));
    expect(touched).toHaveLength(2);
    expect(body.every(([from, to]) => lying.some(({ text }) => from >= text.start && to <= text.end))).toBe(true);
  });

  test("of a huge row group only the first pages are asked for", async () => {
    const { bytes } = parquetFile([rows(0, 40_000, 500)], { page: 100 });
    const source = counted(bytes);
    const { taken } = await take([file("a.parquet", bytes, source)], { bytes: 100_000 });
    expect(taken).toMatchObject({ ok: true, value: { documents: 200 } });
    expect(source.asked.reduce((sum, [from, to]) => sum + to - from, 0)).toBeLessThan(500_000);
    expect(bytes.length).toBeGreaterThan(20_000_000);
  });

  test("gives empty groups, rows of null and of white space no place", async () => {
    const { bytes } = parquetFile([[], [null, "one", null], [], [" \n", "two"], [null]]);
    const { taken, texts } = await take([file("a.parquet", bytes)]);
    expect(taken).toMatchObject({ ok: true, value: { rows: 6, documents: 2, empty: 4 } });
    expect(new Set(texts)).toEqual(new Set(["one", "two"]));
    expect((await take([file("a.parquet", parquetFile([]).bytes)])).taken).toMatchObject({ ok: true });
  });

  test("with a page as long as a text is read", async () => {
    const long = "long text ".repeat(600_000);
    const { texts } = await take([file("a.parquet", parquetFile([["short", long]]).bytes)]);
    expect(texts).toEqual(["short", long]);
  });
});

describe("a damaged file", () => {
  const { bytes, footer } = parquetFile([rows(0, 20)]);
  const changed = (change: (copy: Buffer) => Buffer | void): Buffer => {
    const copy = Buffer.from(bytes);
    return change(copy) ?? copy;
  };

  test.each([
    ["nothing", Buffer.alloc(0), "it is too short"],
    ["another kind", Buffer.from('{"text": "no parquet"}\n'), "its last bytes are others"],
    ["a cut", bytes.subarray(0, -3), "its last bytes are others"],
    ["encryption", changed((copy) => void copy.write("PARE", copy.length - 4)), "is encrypted"],
    [
      "a length beyond the file",
      changed((copy) => void copy.writeUInt32LE(2 ** 31, copy.length - 8)),
      "damaged footer",
    ],
    ["a length within", changed((copy) => void copy.writeUInt32LE(10, copy.length - 8)), "damaged footer"],
    [
      "a broken footer",
      changed((copy) => void copy.fill(0xff, copy.length - footer, copy.length - footer + 40)),
      "damaged",
    ],
    ["a broken page", changed((copy) => void copy.fill(0xff, 4 + 160, 4 + 260)), "row group 1"],
  ])("with %s is said to be so", async (_, damaged, why) => {
    const { taken } = await take([file("a.parquet", damaged)]);
    expect(taken).toMatchObject({ ok: false, error: { why: expect.stringContaining(why) as string } });
  });

  test("ends in words, whichever byte is another", async () => {
    const small = parquetFile([["one", null, "two"], ["three"]]).bytes;
    await fc.assert(
      fc.asyncProperty(fc.nat(small.length - 1), fc.nat(255), async (at, value) => {
        const copy = Buffer.from(small);
        copy[at] = value;
        const { taken } = await take([file("a.parquet", copy)]);
        expect(taken.ok ? "read" : taken.error.why).toMatch(/^.{4,}$/s);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("lines of JSON", () => {
  const lines = rows(0, 300).map((text) => JSON.stringify({ meta: { text } }));
  const content = Buffer.from(`\uFEFF${lines.join("\n")}\n\n{"meta":{"text":null}}\n`);

  test.each([
    ["a.jsonl", content],
    ["a.jsonl.gz", gzipSync(content)],
    [
      "a.jsonl.zst",
      Buffer.concat([zstdCompressSync(content.subarray(0, 9000)), zstdCompressSync(content.subarray(9000))]),
    ],
  ])("are read from %s", async (name, bytes) => {
    const { taken, lines: taking } = await take([file(name, bytes)], { field: "meta.text" });
    expect(taken).toMatchObject({ ok: true, value: { documents: 300, empty: 1, parts: 1 } });
    expect(JSON.parse(taking[1] ?? "")).toEqual({ name: `${name}:2`, text: rows(1, 1)[0] });
  });

  test("are read only as far as is wanted", async () => {
    const long = Buffer.from(
      rows(0, 100_000)
        .map((text) => JSON.stringify({ text }))
        .join("\n"),
    );
    const source = counted(long);
    await take([file("a.jsonl", long, source)], { bytes: 1000 });
    expect(source.asked).toHaveLength(1);
  });

  test("without the field are not looked through to the end", async () => {
    const { taken } = await take([file("a.jsonl", content)], { field: "txt" });
    expect(taken).toMatchObject({
      ok: false,
      error: { why: expect.stringContaining("lacks `txt`; it has `meta`") as string },
    });
  });

  test("that are no JSON are told row by row, and a broken file ends it", async () => {
    const { lines: taking } = await take([file("a.jsonl", Buffer.from('{"text":"one"}\n[1]\nno\n{"text":7}\n'))]);
    expect(taking.slice(1).map((line) => (JSON.parse(line) as { why: string }).why)).toEqual([
      "lacks `text`; it has `0`",
      "is no JSON",
      "has no text at `text`",
    ]);
    const cut = await take([file("a.jsonl.gz", gzipSync(content).subarray(0, -20))], { field: "meta.text" });
    expect(cut.taken).toMatchObject({ ok: false, error: { why: expect.stringContaining("ends early") as string } });
  });
});

describe("what is taken", () => {
  const files = ["a", "b", "c", "d"].map((name, index) =>
    file(`${name}.parquet`, parquetFile([rows(index * 100, 10), rows(index * 100 + 50, 10)]).bytes),
  );

  test("hangs on the seed and on nothing else", async () => {
    const first = await take(files, { bytes: 2500 });
    expect((await take(files.toReversed(), { bytes: 2500 })).lines).toEqual(first.lines);
    expect((await take(files, { bytes: 2500, seed: 8 })).lines).not.toEqual(first.lines);
  });

  test("is the beginning of what more would be", async () => {
    const [less, more] = [await take(files, { bytes: 1234 }), await take(files, { bytes: 6000 })];
    expect(more.lines.slice(0, less.lines.length)).toEqual(less.lines);
    expect(more.lines.length).toBeGreaterThan(less.lines.length);
  });

  test("is from as many files as there are groups", async () => {
    const { taken } = await take(files, { bytes: 4000 });
    expect(taken).toMatchObject({ ok: true, value: { files: 4, parts: 4 } });
  });

  test("is enough only with as many documents", async () => {
    expect((await take(files, { bytes: 1, documents: 15 })).taken).toMatchObject({
      ok: true,
      value: { documents: 15 },
    });
  });
});
