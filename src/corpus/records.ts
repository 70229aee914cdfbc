import { err, ok, unreachable, type Result } from "../base/result.ts";
import { readChunks, readUtf8 } from "./chunks.ts";
import { readCsv } from "./csv-records.ts";
import { decodeText, longestMark } from "./decode.ts";
import { compressionOf } from "./inflate.ts";
import { isBlank, readingOfFlaw, readJsonLines, textAt, type TextOf } from "./json-records.ts";
import { openFile, type OpenFile } from "./open-file.ts";
import { breathe } from "./breathe.ts";
import { documentOf, limitsOf, type Limits, type NamedFile, type Reading, type RecordFormat } from "./reading.ts";
import { splitLines } from "./split-lines.ts";

/**
 * A file → its documents, in batches. Memory: a few times the longest document that is allowed, whatever the file holds.
 * @param maxLength UTF-16 code units of a document; a longer one is told of and not kept
 */
export const readRecords = (
  file: NamedFile,
  format: RecordFormat,
  maxLength: number,
): AsyncGenerator<Reading[], void> => readFile(file, (open) => readAs(format, file, open, maxLength));

/**
 * JSON Lines whose records are made to texts by `textOf`, as the messages of a chat are.
 * @param group dotted path of what documents of one group share
 */
export const readJsonRecords = (
  file: NamedFile,
  group: string | undefined,
  textOf: TextOf,
  maxLength: number,
): AsyncGenerator<Reading[], void> =>
  readFile(file, (open) => readJsonLines(file, readUtf8(open), group, textOf, maxLength));

async function* readFile(
  { name, path }: NamedFile,
  read: (file: OpenFile) => AsyncGenerator<Reading[]>,
): AsyncGenerator<Reading[], void> {
  const file = openFile(path);
  if (!file.ok) {
    yield [{ kind: "unreadable", name, why: file.error }];
    return;
  }
  try {
    for await (const batch of read(file.value)) if (batch.length > 0) yield batch;
  } finally {
    file.value.close();
  }
  await breathe();
}

const readAs = (
  format: RecordFormat,
  file: NamedFile,
  open: OpenFile,
  maxLength: number,
): AsyncGenerator<Reading[], void> => {
  switch (format.format) {
    case "text":
      return readWhole(file, open, limitsOf(maxLength));
    case "lines":
      return readPlainLines(file, open, limitsOf(maxLength));
    case "jsonl":
      return readJsonLines(file, readUtf8(open), format.group, textAt(format.field), maxLength);
    case "csv":
      return readCsv(file, readUtf8(open), format, maxLength);
    default:
      return unreachable(format.format);
  }
};

async function* readWhole({ name }: NamedFile, open: OpenFile, limits: Limits): AsyncGenerator<Reading[], void> {
  const bytes = await takeBytes(open, limits);
  if (!bytes.ok) yield [{ kind: "unreadable", name, why: bytes.error }];
  else if (bytes.value === undefined) yield [{ kind: "too-long", name }];
  else {
    const text = decodeText(bytes.value);
    yield [text.ok ? documentOf(name, name, text.value, limits) : { kind: "unreadable", name, why: text.error }];
  }
}

/** All bytes of a file, unless they are more than one document may have. A small one takes a single read, for there may be very many. */
const takeBytes = async (open: OpenFile, limits: Limits): Promise<Result<Buffer | undefined, string>> => {
  const whole = open.read(0, open.size > limits.textBytes ? longestMark : open.size);
  if (!whole.ok) return whole;
  if (compressionOf(whole.value) !== undefined) return collect(open, limits);
  return open.size > limits.textBytes ? ok(undefined) : whole;
};

/** Decompresses until it is too much: what a few kilobytes grow to is known only then. */
const collect = async (open: OpenFile, limits: Limits): Promise<Result<Buffer | undefined, string>> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of readChunks(open)) {
    if (!chunk.ok) return err(chunk.error);
    length += chunk.value.length;
    if (length > limits.textBytes) return ok(undefined);
    parts.push(chunk.value);
  }
  return ok(Buffer.concat(parts));
};

async function* readPlainLines(file: NamedFile, open: OpenFile, limits: Limits): AsyncGenerator<Reading[], void> {
  for await (const lines of splitLines(readUtf8(open), limits.textBytes)) {
    yield lines
      .filter((line) => !isBlank(line))
      .map((line) => {
        if (line.kind !== "line") return readingOfFlaw(file, line);
        const name = `${file.name}:${line.number}`;
        return documentOf(name, name, line.text, limits);
      });
  }
}
