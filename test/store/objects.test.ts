import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { openMemo } from "../../src/store/memo.ts";
import { evictObject, objectIntact, quarantine } from "../../src/store/objects.ts";
import { editInPlace, openStore, type Store } from "./folder.ts";

const quarantined = ({ layout }: Store): string[] => readdirSync(layout.quarantine("."));

describe("publishObject", () => {
  test("moves the file to the place of its digest, read-only", () => {
    const store = openStore();
    const object = store.publish("bytes");
    expect(object).toEqual({ digest: sha256("bytes"), size: 5 });
    const path = store.layout.object(object.digest);
    expect(readFileSync(path, "utf8")).toBe("bytes");
    expect(statSync(path).mode & 0o777).toBe(0o444);
    expect(existsSync(join(store.folder, "output"))).toBe(false);
  });

  test("does no harm when the same bytes are published twice", () => {
    const store = openStore();
    const object = store.publish("bytes");
    expect(store.publish("bytes")).toEqual(object);
    expect(objectIntact(store.layout, store.memo, object)).toBe(true);
  });

  test("leaves a digest that needs no second reading", () => {
    const store = openStore();
    const object = store.publish("bytes");
    const memo = openMemo(store.layout.memo);
    expect(objectIntact(store.layout, memo, object)).toBe(true);
    expect(memo.hashedBytes()).toBe(0);
  });

  test("replaces a damaged object of the same digest", () => {
    const store = openStore();
    const object = store.publish("bytes");
    chmodSync(store.layout.object(object.digest), 0o644);
    editInPlace(store.layout.object(object.digest));
    store.publish("bytes");
    expect(objectIntact(store.layout, store.memo, object)).toBe(true);
    expect(readFileSync(store.layout.object(object.digest), "utf8")).toBe("bytes");
  });
});

const damages: [string, (path: string, store: Store) => void, number][] = [
  ["a byte of it was flipped and its mtime restored", (path) => editInPlace(path), 1],
  ["it was truncated", (path) => truncateSync(path, 2), 1],
  ["it was deleted", (path) => rmSync(path), 0],
  [
    "a directory took its place",
    (path) => {
      rmSync(path);
      mkdirSync(join(path, "inner"), { recursive: true });
    },
    1,
  ],
  [
    "a symbolic link to other bytes took its place",
    (path, { folder }) => {
      rmSync(path);
      writeFileSync(join(folder, "elsewhere"), "other");
      symlinkSync(join(folder, "elsewhere"), path);
    },
    1,
  ],
  [
    "a symbolic link to the same bytes took its place, which may change under us",
    (path, { folder }) => {
      rmSync(path);
      writeFileSync(join(folder, "elsewhere"), "bytes");
      symlinkSync(join(folder, "elsewhere"), path);
    },
    1,
  ],
  [
    "a symbolic link to nothing took its place",
    (path) => {
      rmSync(path);
      symlinkSync("nowhere", path);
    },
    1,
  ],
];

describe("objectIntact", () => {
  test("is true of what was published", () => {
    const store = openStore();
    expect(objectIntact(store.layout, store.memo, store.publish("bytes"))).toBe(true);
    expect(quarantined(store)).toEqual([]);
  });

  test.each(damages)("is false when %s, and publishing again mends it", (_, damage, kept) => {
    const store = openStore();
    const object = store.publish("bytes");
    const path = store.layout.object(object.digest);
    chmodSync(path, 0o644);
    damage(path, store);
    expect(objectIntact(store.layout, store.memo, object)).toBe(false);
    expect(quarantined(store)).toHaveLength(kept);
    expect(objectIntact(store.layout, store.memo, object)).toBe(false);
    store.publish("bytes");
    expect(objectIntact(store.layout, store.memo, object)).toBe(true);
  });

  test("does not follow a link out of the store to remove what it names", () => {
    const store = openStore();
    const object = store.publish("bytes");
    const target = join(store.folder, "mine");
    mkdirSync(target);
    writeFileSync(join(target, "precious"), "text");
    rmSync(store.layout.object(object.digest));
    symlinkSync(target, store.layout.object(object.digest));
    objectIntact(store.layout, store.memo, object);
    expect(readFileSync(join(target, "precious"), "utf8")).toBe("text");
  });

  test("is true, and keeps the object, when only the memo cannot be written", () => {
    const store = openStore();
    const object = store.publish("bytes");
    rmSync(store.layout.memo);
    mkdirSync(store.layout.memo);
    expect(objectIntact(store.layout, openMemo(store.layout.memo), object)).toBe(true);
    expect(existsSync(store.layout.object(object.digest))).toBe(true);
  });
});

describe("quarantine", () => {
  test("keeps every file, also two of one name in one millisecond", () => {
    const store = openStore();
    const names = Array.from({ length: 20 }, (_, index) => {
      const file = join(store.folder, "quant.gguf");
      writeFileSync(file, String(index));
      return quarantine(store.layout, file);
    });
    expect(names.map((name) => readFileSync(name, "utf8"))).toEqual(names.map((_, index) => String(index)));
  });
});

test("evictObject drops the bytes and may be repeated", () => {
  const store = openStore();
  const object = store.publish("logits");
  evictObject(store.layout, object);
  evictObject(store.layout, object);
  expect(objectIntact(store.layout, store.memo, object)).toBe(false);
});
