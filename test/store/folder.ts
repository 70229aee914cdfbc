import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { openLayout, type Layout } from "../../src/store/layout.ts";
import { openMemo, type Memo } from "../../src/store/memo.ts";
import { publishObject, type StoredObject } from "../../src/store/objects.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, removed after the test. */
export const folder = (parent = tmpdir()): string => {
  const path = mkdtempSync(join(parent, "store-"));
  made.push(path);
  return path;
};

export interface Store {
  readonly folder: string;
  readonly layout: Layout;
  readonly memo: Memo;
  /** Publishes a file with this text. */
  readonly publish: (text: string) => StoredObject;
}

export const openStore = (): Store => {
  const path = folder();
  const layout = openLayout(path);
  if (!layout.ok) throw new Error("no store");
  const memo = openMemo(layout.value.memo);
  const publish = (text: string): StoredObject => {
    const file = join(path, "output");
    writeFileSync(file, text);
    return publishObject(layout.value, memo, file);
  };
  return { folder: path, layout: layout.value, memo, publish };
};

/**
 * Changes one byte of a file in place and restores its mtime. On a coarse clock the ctime may stay the same at first, so
 * this goes on until it differs.
 */
export const editInPlace = (file: string): void => {
  const before = statSync(file, { bigint: true });
  const bytes = readFileSync(file);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  do {
    writeFileSync(file, bytes, { flag: "r+" });
    utimesSync(file, before.atimeMs === 0n ? 0 : Number(before.atimeNs) / 1e9, Number(before.mtimeNs) / 1e9);
  } while (statSync(file, { bigint: true }).ctimeNs === before.ctimeNs);
};

/** What `work` throws, by its code. */
export const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
  return "nothing";
};
