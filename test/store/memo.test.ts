import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { openMemo } from "../../src/store/memo.ts";
import { seal } from "../../src/store/seal.ts";
import { codeOf, editInPlace, folder } from "./folder.ts";

/** A file that nobody has changed for more than two seconds. */
const oldFile = "/bin/sh";

const setUp = (text = "some text"): { readonly file: string; readonly path: string } => {
  const path = folder();
  const file = join(path, "file");
  writeFileSync(file, text);
  return { file, path: join(path, "memo.jsonl") };
};

describe("a memo", () => {
  test("gives the SHA-256 of the bytes, also of an empty file and of several buffers", () => {
    const { path, file } = setUp("");
    const memo = openMemo(path);
    expect(memo.digestFile(file)).toBe(sha256(""));
    const long = Buffer.alloc(2 ** 20 * 2 + 17, "ab");
    writeFileSync(file, long);
    expect(memo.digestFile(file)).toBe(sha256(long));
  });

  test("does not read an unchanged file twice, not even in the next run", () => {
    const { path } = setUp();
    const memo = openMemo(path);
    const found = memo.digestFile(oldFile);
    expect(memo.hashedBytes()).toBe(statSync(oldFile).size);
    expect(memo.digestFile(oldFile)).toBe(found);
    expect(memo.hashedBytes()).toBe(statSync(oldFile).size);
    const later = openMemo(path);
    expect(later.digestFile(oldFile)).toBe(found);
    expect(later.hashedBytes()).toBe(0);
  });

  test("reads a file again that was young when it was hashed", () => {
    const { path, file } = setUp("12345");
    const memo = openMemo(path);
    memo.digestFile(file);
    memo.digestFile(file);
    expect(memo.hashedBytes()).toBe(10);
    const later = openMemo(path);
    later.digestFile(file);
    expect(later.hashedBytes()).toBe(5);
  });

  test("believes the digest of a file that we made ourselves", () => {
    const { path, file } = setUp();
    const memo = openMemo(path);
    memo.stamp(file, sha256("what we know"));
    expect(memo.digestFile(file)).toBe(sha256("what we know"));
    expect(memo.hashedBytes()).toBe(0);
  });

  test("notices an edit in place that restores the mtime, through the ctime", () => {
    const { path, file } = setUp();
    const memo = openMemo(path);
    memo.stamp(file, sha256("some text"));
    const { mtimeMs, size } = statSync(file);
    editInPlace(file);
    expect(statSync(file).size).toBe(size);
    expect(Math.abs(statSync(file).mtimeMs - mtimeMs)).toBeLessThan(0.01);
    expect(memo.digestFile(file)).toBe(sha256(readFileSync(file)));
    expect(memo.digestFile(file)).not.toBe(sha256("some text"));
  });

  test("notices a file put in the place of another", () => {
    const { path, file } = setUp();
    const memo = openMemo(path);
    memo.stamp(file, sha256("some text"));
    writeFileSync(`${file}.new`, "other text");
    renameSync(`${file}.new`, file);
    expect(memo.digestFile(file)).toBe(sha256("other text"));
  });

  test("ignores damaged and strange lines and keeps the whole ones", () => {
    const { path } = setUp();
    openMemo(path).digestFile(oldFile);
    const good = readFileSync(path, "utf8");
    const strange = [null, 1, "x", [], {}, { stat: 1, digest: "a" }, { stat: "a", digest: "no digest", settled: true }];
    writeFileSync(path, `\0\0\n${good.slice(0, 80)}\n${strange.map(seal).join("")}${good}${good.slice(0, 70)}`);
    const memo = openMemo(path);
    expect(memo.digestFile(oldFile)).toBe(sha256(readFileSync(oldFile)));
    expect(memo.hashedBytes()).toBe(0);
  });

  test("does not believe an entry of which one digit was flipped", () => {
    const { path, file } = setUp();
    openMemo(path).stamp(file, sha256("some text"));
    const line = readFileSync(path, "utf8");
    writeFileSync(path, line.replace(sha256("some text"), sha256("other text")));
    expect(openMemo(path).digestFile(file)).toBe(sha256("some text"));
  });

  test("keeps what it notes after a torn last line", () => {
    const { path, file } = setUp();
    openMemo(path).stamp(file, sha256("some text"));
    appendFileSync(path, "torn");
    openMemo(path).digestFile(oldFile);
    const memo = openMemo(path);
    memo.digestFile(oldFile);
    memo.digestFile(file);
    expect(memo.hashedBytes()).toBe(0);
  });

  test("costs time only when it is lost", () => {
    const { path } = setUp();
    const found = openMemo(path).digestFile(oldFile);
    rmSync(path);
    const memo = openMemo(path);
    expect(memo.digestFile(oldFile)).toBe(found);
    expect(memo.hashedBytes()).toBe(statSync(oldFile).size);
  });

  test("costs time only when it can be neither read nor written", () => {
    const { path, file } = setUp();
    mkdirSync(path);
    const memo = openMemo(path);
    expect(memo.digestFile(file)).toBe(sha256("some text"));
    memo.stamp(file, sha256("some text"));
    expect(memo.digestFile(file)).toBe(sha256("some text"));
  });

  test("costs time only when the clock of its file system cannot be read", () => {
    const { path } = setUp();
    mkdirSync(`${path}.clock`);
    const memo = openMemo(path);
    memo.digestFile(oldFile);
    memo.digestFile(oldFile);
    expect(memo.hashedBytes()).toBe(2 * statSync(oldFile).size);
  });

  test("of a store that may only be read writes nothing, and knows what it has read itself", () => {
    const { path } = setUp();
    const found = openMemo(path, { readOnly: true }).digestFile(oldFile);
    expect(existsSync(path) || existsSync(`${path}.clock`)).toBe(false);
    openMemo(path).digestFile(oldFile);
    const before = readFileSync(path, "utf8");
    const memo = openMemo(path, { readOnly: true });
    expect(memo.digestFile(oldFile)).toBe(found);
    memo.stamp("/bin/ls", found);
    expect(memo.digestFile("/bin/ls")).toBe(found);
    expect(memo.hashedBytes()).toBe(0);
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  test("reads a file that is not trusted once in each process, whatever was noted of it", async () => {
    const { path } = setUp();
    openMemo(path).stamp(oldFile, sha256("a lie"));
    const memo = openMemo(path, { distrusted: (file) => file === oldFile });
    const { size } = statSync(oldFile);
    expect(memo.bytesToRead(oldFile)).toBe(size);
    let read = 0;
    await memo.readAhead(oldFile, new AbortController().signal, (bytes) => (read += bytes));
    expect(memo.digestFile(oldFile)).toBe(sha256(readFileSync(oldFile)));
    expect(memo.digestFile(oldFile)).toBe(sha256(readFileSync(oldFile)));
    expect(memo.bytesToRead(oldFile)).toBe(0);
    expect([read, memo.hashedBytes()]).toEqual([size, size]);
    openMemo(path).stamp("/bin/ls", sha256("believed"));
    expect(openMemo(path, { distrusted: (file) => file === oldFile }).digestFile("/bin/ls")).toBe(sha256("believed"));
  });

  test("says of a file of several pieces how far it is", async () => {
    const { path, file } = setUp();
    writeFileSync(file, Buffer.alloc(2 ** 20 * 2 + 17));
    const pieces: number[] = [];
    await openMemo(path).readAhead(file, new AbortController().signal, (bytes) => pieces.push(bytes));
    expect(pieces).toEqual([2 ** 20, 2 ** 20, 17]);
  });

  test("throws what the system says of a file that is gone", () => {
    const { path, file } = setUp();
    const memo = openMemo(path);
    memo.stamp(file, sha256("some text"));
    rmSync(file);
    expect(codeOf(() => memo.digestFile(file))).toBe("ENOENT");
  });

  test("does not take a copy for the original", () => {
    const { path, file } = setUp();
    const memo = openMemo(path);
    memo.stamp(file, sha256("a wrong digest"));
    copyFileSync(file, `${file}.copy`);
    expect(memo.digestFile(`${file}.copy`)).toBe(sha256("some text"));
  });
});
