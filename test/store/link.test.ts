import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { linkOut } from "../../src/store/link.ts";
import { openMemo } from "../../src/store/memo.ts";
import { objectIntact } from "../../src/store/objects.ts";
import { codeOf, editInPlace, folder, openStore } from "./folder.ts";

const setUp = () => {
  const store = openStore();
  const object = store.publish("quantized");
  const target = join(store.folder, "out", "medical", "medical-Q4_K_M.gguf");
  return { ...store, object, target, link: () => linkOut(store.layout, store.memo, object, target) };
};

const otherDisk = existsSync("/dev/shm") && statSync("/dev/shm").dev !== statSync(folder()).dev;

describe("linkOut", () => {
  test("puts the bytes at the target and leaves nothing else there", () => {
    const { link, target } = setUp();
    expect(["reflink", "hardlink", "copy"]).toContain(link());
    expect(readFileSync(target, "utf8")).toBe("quantized");
    expect(readdirSync(dirname(target))).toEqual(["medical-Q4_K_M.gguf"]);
  });

  test("says by which way, and a hard link shares its bytes", () => {
    const { link, target, layout, object } = setUp();
    const shared = link() === "hardlink";
    expect(statSync(target).ino === statSync(layout.object(object.digest)).ino).toBe(shared);
  });

  test("keeps a target that holds the bytes already", () => {
    const { link, target } = setUp();
    link();
    const { ino, ctimeMs } = statSync(target);
    expect(link()).toBe("kept");
    expect(statSync(target)).toMatchObject({ ino, ctimeMs });
  });

  test.each([
    ["other bytes of the same size", (target: string) => writeFileSync(target, "different")],
    ["a shorter file", (target: string) => writeFileSync(target, "quant")],
    ["a link to nothing", (target: string) => symlinkSync("nowhere", target)],
  ])("replaces %s", (_, put) => {
    const { link, target } = setUp();
    mkdirSync(dirname(target), { recursive: true });
    put(target);
    expect(link()).not.toBe("kept");
    expect(readFileSync(target, "utf8")).toBe("quantized");
  });

  test("leaves an object that needs no second reading", () => {
    const { link, layout, object } = setUp();
    link();
    const memo = openMemo(layout.memo);
    expect(objectIntact(layout, memo, object)).toBe(true);
    expect(memo.hashedBytes()).toBe(0);
  });

  test.runIf(otherDisk)("copies to another file system, writable for its owner", () => {
    const { layout, memo, object } = setUp();
    const target = join(folder("/dev/shm"), "copy.gguf");
    expect(linkOut(layout, memo, object, target)).toBe("copy");
    expect(readFileSync(target, "utf8")).toBe("quantized");
    expect(statSync(target).mode & 0o777).toBe(0o644);
  });

  test("lets objectIntact notice that a hard-linked result was edited in place", () => {
    const { link, layout, memo, object, target } = setUp();
    const kind = link();
    chmodSync(target, 0o644);
    editInPlace(target);
    expect(objectIntact(layout, memo, object)).toBe(kind !== "hardlink");
    expect(existsSync(layout.object(object.digest))).toBe(kind !== "hardlink");
  });

  test("never hands out a damaged object, nor takes its bytes for good", () => {
    const { link, layout, memo, object, target } = setUp();
    chmodSync(layout.object(object.digest), 0o644);
    truncateSync(layout.object(object.digest), 3);
    expect(codeOf(link)).toBe("ENOENT");
    expect(existsSync(target)).toBe(false);
    expect(objectIntact(layout, memo, object)).toBe(false);
    expect(readdirSync(dirname(target))).toEqual([]);
  });

  test("leaves no temporary file where a directory stands in the way", () => {
    const { link, target } = setUp();
    mkdirSync(target, { recursive: true });
    expect(codeOf(link)).toMatch(/EISDIR|EEXIST/);
    expect(readdirSync(dirname(target))).toEqual(["medical-Q4_K_M.gguf"]);
  });
});
