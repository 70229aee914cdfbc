import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { NamedFile, Reading, RecordFormat } from "../../src/corpus/reading.ts";
import { readRecords } from "../../src/corpus/records.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A path in a new folder, which is removed after the test. */
export const pathOf = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), "corpus-"));
  made.push(folder);
  return join(folder, name);
};

export const fileOf = (name: string, content: string | Uint8Array): NamedFile => {
  const path = pathOf(name);
  writeFileSync(path, content);
  return { name, path };
};

export const formatNamed = (format: RecordFormat["format"], change: Partial<RecordFormat> = {}): RecordFormat => ({
  format,
  field: "text",
  group: undefined,
  ...change,
});

export const gather = async (readings: AsyncIterable<Reading[]>): Promise<Reading[]> => {
  const all: Reading[] = [];
  for await (const batch of readings) all.push(...batch);
  return all;
};

/** Everything that a file of this content gives. */
export const readAll = (
  name: string,
  content: string | Uint8Array,
  format: RecordFormat,
  maxLength = 1000,
): Promise<Reading[]> => gather(readRecords(fileOf(name, content), format, maxLength));

export const textsOf = (readings: readonly Reading[]): string[] =>
  readings.flatMap((reading) => (reading.kind === "document" ? [reading.text] : []));

/** Each reading in a word: a document's text, or what became of it. */
export const outcomes = (readings: readonly Reading[]): string[] =>
  readings.map((reading) => {
    if (reading.kind === "document") return reading.text;
    return reading.kind === "too-long" ? `${reading.name} is too long` : `${reading.name}: ${reading.why}`;
  });
