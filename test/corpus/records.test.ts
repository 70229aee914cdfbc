import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { formatOf } from "../../src/corpus/reading.ts";
import { readRecords } from "../../src/corpus/records.ts";
import { fileOf, formatNamed, gather, outcomes, pathOf, readAll, textsOf } from "./files.ts";

const text = formatNamed("text");
const lines = formatNamed("lines");
const utf16 = (content: string): Buffer => Buffer.from(`\ufeff${content}`, "utf16le");
/** A skippable frame as `pzstd` writes it before each frame. */
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 9, 9, 9, 9]);

test.each([
  ["a.jsonl", "jsonl"],
  ["a.ndjson.gz", "jsonl"],
  ["b/A.CSV", "csv"],
  ["a.tsv.zst", "csv"],
  ["a.txt", "text"],
  ["a.csv.txt", "text"],
  ["jsonl", "text"],
  ["a.gz", "text"],
])("formatOf takes %s for %s", (name, format) => {
  expect(formatOf(name)).toBe(format);
});

describe("a file that is one document", () => {
  test("has its name and is in a group of its own", async () => {
    expect(await readAll("a.txt", "Fever\r\n", text)).toEqual([
      { kind: "document", name: "a.txt", group: "a.txt", text: "Fever\r\n" },
    ]);
    expect(await readAll("a.txt", "", text)).toMatchObject([{ kind: "document", text: "" }]);
  });

  test("is too long when it has more characters, and not when it has as many", async () => {
    for (const [content, count] of [
      ["a".repeat(10), 10],
      ["漢".repeat(10), 10],
      ["👩".repeat(5), 10],
    ] as const) {
      expect(await readAll("a.txt", content, text, count)).toMatchObject([{ kind: "document", text: content }]);
      expect(await readAll("a.txt", utf16(content), text, count)).toMatchObject([{ text: content }]);
      expect(await readAll("a.txt", content, text, count - 1)).toEqual([{ kind: "too-long", name: "a.txt" }]);
      expect(await readAll("a.txt", gzipSync(content), text, count - 1)).toEqual([{ kind: "too-long", name: "a.txt" }]);
    }
  });

  test("is told of when it is no text", async () => {
    expect(outcomes(await readAll("a.bin", "abc\0", text))).toEqual([
      "a.bin: it holds NUL bytes (byte 3), so it is no text",
    ]);
  });
});

describe("a file that cannot be opened or read", () => {
  const outcomeAt = async (path: string): Promise<string[]> =>
    outcomes(await gather(readRecords({ name: "a", path }, text, 1000)));

  test("that is missing or forbidden is told of in the system's words", async () => {
    expect(await outcomeAt(pathOf("none"))).toEqual(["a: it cannot be read (ENOENT: no such file or directory)"]);
    const { path } = fileOf("a", "x");
    expect(await outcomeAt(`${path}/b`)).toEqual(["a: it cannot be read (ENOTDIR: not a directory)"]);
    chmodSync(path, 0);
    const [forbidden] = await outcomeAt(path);
    // The superuser may read everything.
    expect(forbidden).toBe(process.getuid?.() === 0 ? "x" : "a: it cannot be read (EACCES: permission denied)");
  });

  test("that is no regular file is named by its kind, and a pipe is not waited for", async () => {
    const pipe = pathOf("pipe");
    execFileSync("mkfifo", [pipe]);
    expect(await outcomeAt(pipe)).toEqual(["a: it is a pipe, no regular file"]);
    const folder = pathOf("folder");
    mkdirSync(folder);
    expect(await outcomeAt(folder)).toEqual(["a: it is a directory, no regular file"]);
    expect(await outcomeAt("/dev/zero")).toEqual(["a: it is a device, no regular file"]);
  });

  test("that grows while it is read is read as far as it went at first", async () => {
    const file = fileOf("a.txt", "one\ntwo\n".repeat(100_000));
    const batches = [];
    for await (const batch of readRecords(file, lines, 1000)) {
      batches.push(batch);
      appendFileSync(file.path, "three\n".repeat(10_000));
    }
    expect(batches.length).toBeGreaterThan(1);
    expect(textsOf(batches.flat())).toHaveLength(200_000);
  });

  test("that becomes shorter while it is read ends where it ends", async () => {
    const file = fileOf("a.txt", "one\n".repeat(200_000));
    let count = 0;
    for await (const batch of readRecords(file, lines, 1000)) {
      writeFileSync(file.path, "");
      count += batch.length;
    }
    expect(count).toBeLessThan(200_000);
  });
});

describe("lines", () => {
  test("are documents with their number, but for blank ones", async () => {
    expect(await readAll("a.txt", "one\n\n \t\r\n two \r\nthree", lines)).toEqual([
      { kind: "document", name: "a.txt:1", group: "a.txt:1", text: "one" },
      { kind: "document", name: "a.txt:4", group: "a.txt:4", text: " two " },
      { kind: "document", name: "a.txt:5", group: "a.txt:5", text: "three" },
    ]);
    expect(await readAll("a.txt", "", lines)).toEqual([]);
    expect(await readAll("a.txt", "\n\n", lines)).toEqual([]);
  });

  test("that are no UTF-8 or hold NUL spoil themselves only", async () => {
    const bytes = Buffer.concat([Buffer.from("good\nbad"), Buffer.from([0x81]), Buffer.from("\nä\na\0b\nend")]);
    expect(outcomes(await readAll("a.txt", bytes, lines))).toEqual([
      "good",
      "a.txt:2: line 2 is not valid UTF-8 (byte 3)",
      "ä",
      "a.txt:4: line 4 holds NUL bytes (byte 1), so it is no text",
      "end",
    ]);
  });

  test.each([
    ["UTF-8 with a mark", Buffer.from("\ufeffä\n漢👩\n"), ["ä", "漢👩"]],
    ["UTF-16 little endian", utf16("ä\n漢👩\n"), ["ä", "漢👩"]],
    ["UTF-16 big endian", utf16("ä\r\n漢👩").swap16(), ["ä", "漢👩"]],
    ["a mark alone", Buffer.from("\ufeff"), []],
    [
      "UTF-16 that ends early",
      utf16("one\ntwo").subarray(0, -1),
      ["one", "a.txt: it is not valid UTF-16LE, after line 1"],
    ],
    [
      "UTF-16 without a mark",
      Buffer.from("one\ntwo\n", "utf16le"),
      ["a.txt: it is UTF-16 without a byte order mark (little endian); save it as UTF-8"],
    ],
  ])("are read from %s", async (_, bytes, expected) => {
    expect(outcomes(await readAll("a.txt", bytes, lines))).toEqual(expected);
  });

  test("are cut wherever the file's parts end, in every encoding", async () => {
    // Longer than a part, so that lines, characters and line ends lie across two.
    const all = Array.from({ length: 40_000 }, (_, index) => `${index} ${"ä漢👩".repeat(index % 5)}`);
    for (const [end, pad] of [
      ["\n", 0],
      ["\r\n", 1],
      ["\n", 2],
      ["\r\n", 3],
    ] as const) {
      const content = ["x".repeat(pad), ...all].join(end);
      const expected = pad > 0 ? ["x".repeat(pad), ...all] : all;
      expect(textsOf(await readAll("a.txt", content, lines))).toEqual(expected);
      expect(textsOf(await readAll("a.txt", utf16(content), lines))).toEqual(expected);
    }
  });

  test("that are too long are told of and skipped, whether they end in this part of the file or much later", async () => {
    const content = ["one", "x".repeat(1001), "two", "y".repeat(3_000_000), "three", "z".repeat(500_000)].join("\n");
    expect(outcomes(await readAll("a.txt", content, lines))).toEqual([
      "one",
      "a.txt:2 is too long",
      "two",
      "a.txt:4 is too long",
      "three",
      "a.txt:6 is too long",
    ]);
  });

  test("are the same as splitting gives, for any text", async () => {
    const contents = fc.array(fc.constantFrom("a", "ä", "\n", "\r\n", " ", "👩"), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(contents, async (parts) => {
        const content = parts.join("");
        const expected = content.split(/\r?\n/).filter((line) => line.trim() !== "");
        expect(textsOf(await readAll("a.txt", content, lines))).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});

describe("compressed files", () => {
  const content = Array.from({ length: 50_000 }, (_, index) => `line ${index} ${Math.sin(index)}`).join("\n");
  const [gzip, zstd] = [gzipSync(content), zstdCompressSync(content)];

  test.each([
    ["gzip", gzip],
    ["zstd", zstd],
    ["gzip in two members", Buffer.concat([gzipSync(content.slice(0, 900_000)), gzipSync(content.slice(900_000))])],
    ["gzip with zeros after it", Buffer.concat([gzip, Buffer.alloc(512)])],
    [
      "zstd in many frames",
      Buffer.concat([
        ...Array.from({ length: 40 }, (_, at) => zstdCompressSync(content.slice(at * 30_000, (at + 1) * 30_000))),
        zstdCompressSync(content.slice(1_200_000)),
      ]),
    ],
    ["zstd with other frames", Buffer.concat([skippable, zstd, skippable])],
  ])("of %s are known by their bytes", async (_, bytes) => {
    expect(textsOf(await readAll("a.txt", bytes, lines))).toEqual(content.split("\n"));
    expect(textsOf(await readAll("a.txt", bytes, text, 5_000_000))).toEqual([content]);
  });

  test.each([
    ["gzip that ends early", gzip.subarray(0, -20), /its gzip data ends early/],
    ["gzip that lacks its check", gzip.subarray(0, -4), /its gzip data ends early/],
    ["gzip with something after it", Buffer.concat([gzip, Buffer.from("garbage")]), /its gzip data is damaged/],
    ["zstd that ends early", zstd.subarray(0, -20), /its zstd data ends early/],
    ["zstd with something after it", Buffer.concat([zstd, Buffer.from("garbage")]), /damaged \(something else begins/],
    [
      "a second frame of zstd that ends early",
      Buffer.concat([zstd, zstdCompressSync("and more").subarray(0, -3)]),
      /its zstd data ends early/,
    ],
  ])("of %s are unreadable, and the lines before that are kept", async (_, bytes, why) => {
    const read = await readAll("a.txt", bytes, lines);
    expect(textsOf(read).length).toBeGreaterThan(10_000);
    expect(content.startsWith(textsOf(read).slice(0, 10_000).join("\n"))).toBe(true);
    expect(read.at(-1)).toMatchObject({ kind: "unreadable", name: "a.txt", why: expect.stringMatching(why) as string });
    expect(await readAll("a.txt", bytes, text, 5_000_000)).toMatchObject([
      { kind: "unreadable", why: expect.stringMatching(why) as string },
    ]);
  });

  test.each([
    ["gzip", gzipSync(content.slice(0, 50_000))],
    ["zstd", zstdCompressSync(content.slice(0, 50_000))],
  ])("of %s with any byte changed give lines and reasons, never more", async (_, bytes) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        const read = await readAll("a.txt", damaged, lines, 100_000);
        expect(read.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  test("that grow beyond all bounds end where a document may end", async () => {
    const member = gzipSync(Buffer.alloc(30_000_000, "a"));
    const bomb = Buffer.concat(Array.from({ length: 10 }, () => member));
    const before = process.memoryUsage().rss;
    expect(await readAll("a.txt", bomb, text)).toEqual([{ kind: "too-long", name: "a.txt" }]);
    expect(await readAll("a.txt", bomb, lines)).toEqual([{ kind: "too-long", name: "a.txt:1" }]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  test("with UTF-16 inside are read too", async () => {
    expect(textsOf(await readAll("a.txt", gzipSync(utf16("ä\n漢")), lines))).toEqual(["ä", "漢"]);
  });
});

test("control returns to the event loop between many small files", async () => {
  const files = Array.from({ length: 200 }, () => fileOf("a.txt", "x".repeat(100_000)));
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const began = performance.now();
  while (performance.now() - began < 300)
    for (const file of files)
      for await (const batch of readRecords(file, text, 1_000_000)) expect(batch).toHaveLength(1);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3);
});
