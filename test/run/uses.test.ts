import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { runId, type Key } from "../../src/base/ids.ts";
import { Uses } from "../../src/run/uses.ts";
import { openStore } from "../store/folder.ts";

const [key, other] = ["1".repeat(64) as Key, "2".repeat(64) as Key];

test("what another run has announced is in use until that one is done", () => {
  const { layout } = openStore();
  const [a, b] = [new Uses(layout, runId("a")), new Uses(layout, runId("b"))];
  a.announce(key);
  a.announce(key);
  b.announce(key);
  b.announce(other);
  a.end(key);
  expect(a.hasUser(key)).toBe(true);
  b.end(key);
  expect(a.hasUser(key)).toBe(false);
  expect(a.hasUser(other)).toBe(true);
  b.endAll();
  expect(readdirSync(layout.locks)).toEqual([]);
});
