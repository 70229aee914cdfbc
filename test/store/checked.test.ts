import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { openChecked } from "../../src/store/checked.ts";
import { folder, openStore } from "./folder.ts";

const name = sha256("a pipeline");

test("gives back what was written, to others as well", () => {
  const store = openStore();
  const checked = openChecked(store.folder, "there");
  expect(checked.read(name)).toBeUndefined();
  checked.write(name, { a: [1, null, "x"] });
  expect(openChecked(store.folder, "never").read(name)).toEqual({ a: [1, null, "x"] });
});

test("where there is no store, one is made only if that is wanted", () => {
  const place = folder();
  openChecked(place, "there").write(name, 1);
  expect(openChecked(place, "there").read(name)).toBeUndefined();
  expect(readdirSync(place)).toEqual([]);
  openChecked(place, "always").write(name, 1);
  expect(openChecked(place, "never").read(name)).toBe(1);
});

test("without leave to write nothing is written", () => {
  const store = openStore();
  openChecked(store.folder, "never").write(name, 1);
  expect(readdirSync(store.layout.checked)).toEqual([]);
});

test("a damaged one is as good as none, and is written anew", () => {
  const store = openStore();
  const checked = openChecked(store.folder, "there");
  checked.write(name, "whole");
  const path = join(store.layout.checked, name);
  const text = readFileSync(path, "utf8");
  for (const damaged of ["", "x", text.slice(0, -3), text.replace("whole", "whale"), `\0${text}`]) {
    writeFileSync(path, damaged);
    expect(checked.read(name), JSON.stringify(damaged)).toBeUndefined();
  }
  checked.write(name, "whole");
  expect(checked.read(name)).toBe("whole");
  rmSync(path);
  mkdirSync(path);
  expect(checked.read(name)).toBeUndefined();
  checked.write(name, "whole");
  expect(checked.read(name)).toBe("whole");
});

test("one that nobody wrote anew for a month goes when another comes", () => {
  const store = openStore();
  const checked = openChecked(store.folder, "there");
  const [old, young] = [sha256("old"), sha256("young")];
  checked.write(old, 1);
  checked.write(young, 2);
  const days = (count: number): number => Date.now() / 1000 - count * 24 * 3600;
  utimesSync(join(store.layout.checked, old), days(31), days(31));
  utimesSync(join(store.layout.checked, young), days(29), days(29));
  checked.write(name, 3);
  expect([old, young, name].map((each) => existsSync(join(store.layout.checked, each)))).toEqual([false, true, true]);
});
