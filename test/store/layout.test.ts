import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { runId, stepId, type Key } from "../../src/base/ids.ts";
import { fileName, openLayout } from "../../src/store/layout.ts";
import { folder } from "./folder.ts";

test("openLayout makes everything below one folder that names the version, and may be repeated", () => {
  const path = join(folder(), "deep", "cache");
  const layout = openLayout(path);
  expect(openLayout(path).ok).toBe(true);
  expect(readdirSync(path)).toEqual(["store-v1"]);
  expect(layout.ok && layout.value.root).toBe(join(path, "store-v1"));
});

test("openLayout tags its own folder as a cache, and not the user's folder around it", () => {
  const path = folder();
  openLayout(path);
  // The signature is fixed by https://bford.info/cachedir/
  expect(readFileSync(join(path, "store-v1", "CACHEDIR.TAG"), "utf8")).toMatch(
    /^Signature: 8a477f597d28d172789f06886806bc55\n/,
  );
  expect(existsSync(join(path, "CACHEDIR.TAG"))).toBe(false);
});

test("openLayout says what is in the way", () => {
  const path = join(folder(), "file");
  writeFileSync(path, "");
  expect(openLayout(path)).toMatchObject({ ok: false, error: { reason: "file-trouble", code: "ENOTDIR" } });
});

test("a store that is to be read only must be there, and nothing is made in it", () => {
  const path = folder();
  expect(openLayout(path, true)).toMatchObject({ ok: false, error: { reason: "file-trouble", code: "ENOENT" } });
  expect(readdirSync(path)).toEqual([]);
  openLayout(path);
  const root = join(path, "store-v1");
  const before = readdirSync(root);
  rmSync(join(root, "piped"), { recursive: true });
  expect(openLayout(path, true)).toMatchObject({ ok: true, value: { readOnly: true } });
  expect(readdirSync(root)).toEqual(before.filter((name) => name !== "piped"));
});

test("every path of a layout is its own and lies below the root", () => {
  const layout = openLayout(folder());
  if (!layout.ok) throw new Error("no store");
  const {
    readOnly,
    root,
    object,
    action,
    latest,
    scratch,
    runScratch,
    journal,
    logs,
    runLogs,
    quarantine,
    lock,
    ...rest
  } = layout.value;
  expect(readOnly).toBe(false);
  const [key, run, step] = ["0".repeat(64) as Key, runId("r"), stepId("validate/Q4_K_M/2")];
  const paths = [
    object(sha256("")),
    action(key),
    latest("p", step),
    latest("p", stepId("model")),
    latest("q", step),
    scratch(run, step),
    scratch(run, stepId("validate/Q4_K_M")),
    runScratch(run),
    journal(run),
    logs(key),
    runLogs(run, step),
    quarantine("x"),
    lock("x"),
    ...Object.values(rest),
  ];
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.filter((path) => !path.startsWith(`${root}/`))).toEqual([]);
});

test("fileName makes one file name of a step id", () => {
  expect(fileName(stepId("validate/Q4_K_M/2"))).toBe("validate+Q4_K_M+2");
});
