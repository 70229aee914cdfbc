import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DiskFull, Failure } from "../../src/base/failure.ts";
import { stepId } from "../../src/base/ids.ts";
import { asDiskFull, fullDisk, withRoom } from "../../src/run/full-disk.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "full-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const failed = (more: object): Failure => ({
  reason: "tool-failed",
  tool: "llama-quantize",
  step: stepId("quantize/Q8_0"),
  exitCode: 1,
  message: "it failed",
  lastLines: [],
  log: "/log",
  ...more,
});

describe("withRoom", () => {
  test("says what is free where the file would lie, and what is needed when that is known", () => {
    const failure = withRoom<DiskFull>({ reason: "disk-full", path: join(folder, "a", "b") }, 5);
    expect(failure).toMatchObject({ reason: "disk-full", path: join(folder, "a", "b"), need: 5 });
    expect(failure.free).toBeGreaterThan(0);
    expect(failure.lacks).toBeUndefined();
  });

  test("leaves what was said alone", () => {
    const told: Failure = { reason: "disk-full", path: folder, free: 7 };
    expect(withRoom(told, 5)).toBe(told);
    const other: Failure = { reason: "interrupted", signal: "SIGINT" };
    expect(withRoom(other)).toBe(other);
    expect(withRoom({ reason: "disk-full", path: folder, lacks: "quota" })).toMatchObject({ lacks: "quota" });
  });
});

describe("asDiskFull", () => {
  test("leaves a failure alone where there is room, and nothing of its question behind", () => {
    const failure = failed({});
    expect(asDiskFull(failure, folder)).toBe(failure);
    expect(fullDisk(folder)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("takes a tool at its word that has removed its file", () => {
    for (const line of ["main: write: No space left on device", "E ggml: Disk quota exceeded (os error 122)"])
      expect(asDiskFull(failed({ lastLines: [line] }), folder, 9)).toMatchObject({ reason: "disk-full", need: 9 });
  });

  test("a folder that is gone is no full disk", () => {
    const failure = failed({});
    expect(asDiskFull(failure, join(folder, "gone"))).toBe(failure);
  });
});
