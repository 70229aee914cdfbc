import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { objectReader } from "../../src/run/read-object.ts";
import { codeOf, openStore } from "../store/folder.ts";

test("an object is read once; one that is gone, or no JSON, is none until it is made", () => {
  const { layout, publish } = openStore();
  const read = objectReader(layout);
  const { digest } = publish('{"a":1}');
  expect(read(digest)).toEqual({ a: 1 });
  rmSync(layout.object(digest));
  expect(read(digest)).toEqual({ a: 1 });
  expect(read(publish('{"torn":').digest)).toBeUndefined();
  const later = sha256('"later"');
  expect(read(later)).toBeUndefined();
  mkdirSync(dirname(layout.object(later)), { recursive: true });
  mkdirSync(layout.object(later));
  expect(read(later)).toBeUndefined();
  rmSync(layout.object(later), { recursive: true });
  writeFileSync(layout.object(later), '"later"');
  expect(read(later)).toBe("later");
});

test("a file that cannot be read for another reason is trouble, and not an absence", () => {
  const { layout } = openStore();
  // Longer than any name may be.
  const read = objectReader({ ...layout, object: () => `/${"x".repeat(5000)}` });
  expect(codeOf(() => read(sha256("x")))).toBe("ENAMETOOLONG");
});
