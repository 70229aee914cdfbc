import { err, ok, type Result } from "../base/result.ts";
import { breathe } from "./breathe.ts";
import { longestMark } from "./decode.ts";
import { ReadAhead, type FarBytes } from "./far-bytes.ts";
import { compressionOf, inflate, piece, type Chunk } from "./inflate.ts";
import { isBlank, lacking, valueAt } from "./json-records.ts";
import type { Cell } from "./parquet-column.ts";
import { limitsOf } from "./reading.ts";
import { splitLines, type Line } from "./split-lines.ts";

/** UTF-16 code units of a text. A dataset of longer ones is none that a model is calibrated on. */
const longestText = 16_000_000;

/** The texts of a file of JSON Lines that lies elsewhere, front to back, packed or not; a blank line is no row. */
export async function* readFarLines(file: FarBytes, field: string): AsyncGenerator<Result<Cell[], string>, void> {
  for await (const lines of splitLines(chunksOf(file), limitsOf(longestText).recordBytes)) {
    const broken = lines.find((line) => line.kind === "broken");
    yield ok(lines.filter((line) => line.kind !== "broken" && !isBlank(line)).map((line) => cellOf(line, field)));
    if (broken === undefined) continue;
    yield err(broken.why.replace(/^it /, ""));
    return;
  }
}

async function* chunksOf(source: FarBytes): AsyncGenerator<Chunk, void> {
  const file = new ReadAhead(source);
  const start = await file.read(0, longestMark);
  const compression = start.ok ? compressionOf(start.value) : undefined;
  for await (const chunk of compression === undefined ? plainChunks(file) : inflate(file, compression)) {
    yield chunk;
    await breathe();
  }
}

async function* plainChunks(file: ReadAhead): AsyncGenerator<Chunk, void> {
  for (let at = 0; at < file.size; at += piece) {
    const bytes = await file.read(at, piece);
    yield bytes;
    if (!bytes.ok) return;
  }
}

const cellOf = (line: Line, field: string): Cell => {
  if (line.kind === "too-long") return err(`is longer than ${longestText} characters`);
  if (line.kind !== "line") return err(line.why.replace(/^it /, ""));
  let record: unknown;
  try {
    record = JSON.parse(line.number === 1 ? line.text.replace(/^\uFEFF/, "") : line.text);
  } catch {
    return err("is no JSON");
  }
  if (typeof record !== "object" || record === null) return err("is no JSON object");
  const value = valueAt(record, field);
  if (value === undefined) return err(lacking(field, record));
  if (value === null) return ok(null);
  return typeof value === "string" ? ok(value.toWellFormed()) : err(`has no text at \`${field}\``);
};
