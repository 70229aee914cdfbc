import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { fingerprint, sha256 } from "../../src/base/canonical.ts";
import { stepId, type Key } from "../../src/base/ids.ts";
import { readLatest, readRecord, writeRecord, type ActionRecord } from "../../src/store/records.ts";
import { seal } from "../../src/store/seal.ts";
import { openStore } from "./folder.ts";

const record = (name: string): ActionRecord => ({
  key: fingerprint(name) as string as Key,
  step: stepId("quantize/Q4_K_M"),
  document: { params: { name } },
  outputs: { quant: { digest: sha256(name), size: 4 } },
  seconds: 1.5,
  repeats: 0,
});
const [first, second] = [record("first"), record("second")];

describe("a record", () => {
  test("comes back as it was written", () => {
    const { layout } = openStore();
    writeRecord(layout, "demo", first);
    expect(readRecord(layout, first.key)).toEqual(first);
    expect(readRecord(layout, second.key)).toBeUndefined();
  });

  test("is written where a folder took its place, which is kept aside", () => {
    const { layout } = openStore();
    for (const path of [layout.action(first.key), layout.latest("demo", first.step)])
      mkdirSync(join(path, "folder"), { recursive: true });
    expect(readRecord(layout, first.key)).toBeUndefined();
    writeRecord(layout, "demo", first);
    expect(readLatest(layout, "demo", first.step)).toEqual(first);
    expect(readdirSync(layout.quarantine(""))).toHaveLength(2);
  });

  test("is a miss when any of its bytes is damaged or cut off", () => {
    const { layout } = openStore();
    writeRecord(layout, "demo", first);
    const path = layout.action(first.key);
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length - 1; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 4;
      writeFileSync(path, damaged);
      expect(readRecord(layout, first.key), `byte ${at}`).toBeUndefined();
      writeFileSync(path, whole.subarray(0, at));
      expect(readRecord(layout, first.key), `cut to ${at}`).toBeUndefined();
    }
  });

  test("is a miss under the name of another key, and when it holds something else", () => {
    const { layout } = openStore();
    writeRecord(layout, "demo", first);
    mkdirSync(dirname(layout.action(second.key)), { recursive: true });
    cpSync(layout.action(first.key), layout.action(second.key));
    expect(readRecord(layout, second.key)).toBeUndefined();
    writeFileSync(layout.action(second.key), seal(null));
    expect(readRecord(layout, second.key)).toBeUndefined();
  });
});

describe("the latest record of a step", () => {
  test("follows what was written last, pipeline by pipeline and step by step", () => {
    const { layout } = openStore();
    writeRecord(layout, "demo", first);
    writeRecord(layout, "demo", second);
    writeRecord(layout, "other", first);
    expect(readLatest(layout, "demo", first.step)).toEqual(second);
    expect(readLatest(layout, "other", first.step)).toEqual(first);
    expect(readLatest(layout, "demo", stepId("quantize/Q8_0"))).toBeUndefined();
    writeRecord(layout, "demo", first);
    expect(readLatest(layout, "demo", first.step)).toEqual(first);
  });

  test("is none when its pointer is damaged or its record is gone", () => {
    const { layout } = openStore();
    writeRecord(layout, "demo", first);
    writeFileSync(layout.latest("demo", first.step), "noise");
    expect(readLatest(layout, "demo", first.step)).toBeUndefined();
    writeRecord(layout, "demo", first);
    rmSync(layout.action(first.key));
    expect(readLatest(layout, "demo", first.step)).toBeUndefined();
  });
});
