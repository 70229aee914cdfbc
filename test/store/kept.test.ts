import { statSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fingerprint } from "../../src/base/canonical.ts";
import { runId, type Key, type StepId } from "../../src/base/ids.ts";
import { listFinished, listPins, noteFinished, pinRun, unpinRun } from "../../src/store/kept.ts";
import { openStore } from "./folder.ts";

const keys = (...names: string[]): Record<StepId, Key> =>
  Object.fromEntries(names.map((name) => [name, fingerprint(name) as string as Key]));

test("the newest finished run of each pipeline; equal actions are not written again", () => {
  const { layout } = openStore();
  noteFinished(layout, { pipeline: "b", run: runId("1"), keys: keys("x") });
  noteFinished(layout, { pipeline: "a/../..", run: runId("2"), keys: keys("x") });
  noteFinished(layout, { pipeline: "b", run: runId("3"), keys: keys("x", "y") });
  const path = join(layout.finished, readdirSync(layout.finished)[0]!);
  const { ino } = statSync(path);
  for (const run of listFinished(layout)) noteFinished(layout, { ...run, run: runId("4") });
  expect(statSync(path).ino).toBe(ino);
  expect(listFinished(layout).map(({ pipeline, run }) => `${pipeline} ${run}`)).toEqual(["a/../.. 2", "b 3"]);
});

test("a pin stays as it was when later runs come, until it is taken away", () => {
  const { layout } = openStore();
  expect(pinRun(layout, "a")).toBeUndefined();
  noteFinished(layout, { pipeline: "a", run: runId("1"), keys: keys("x") });
  expect(pinRun(layout, "a")?.run).toBe("1");
  noteFinished(layout, { pipeline: "a", run: runId("2"), keys: keys("y") });
  expect(listPins(layout).map(({ run }) => run)).toEqual(["1"]);
  expect(unpinRun(layout, "a")?.run).toBe("1");
  expect(unpinRun(layout, "a")).toBeUndefined();
  expect(listPins(layout)).toEqual([]);
});

test("a damaged note counts as none", () => {
  const { layout } = openStore();
  noteFinished(layout, { pipeline: "a", run: runId("1"), keys: keys("x") });
  writeFileSync(join(layout.finished, readdirSync(layout.finished)[0]!), "torn");
  expect(listFinished(layout)).toEqual([]);
});
