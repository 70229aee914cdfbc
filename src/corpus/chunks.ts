import { err, ok, type Result } from "../base/result.ts";
import { invalidIn, longestMark, markOf, unmarkedUtf16, type Encoding } from "./decode.ts";
import { compressionOf, inflate, piece, type Chunk } from "./inflate.ts";
import type { OpenFile } from "./open-file.ts";
import { breathe } from "./breathe.ts";

/** The bytes of a file in order, decompressed when they are compressed. Memory: a few pieces. */
export async function* readChunks(file: OpenFile): AsyncGenerator<Chunk, void> {
  const start = file.read(0, longestMark);
  // Where the start cannot be read, reading on says so.
  const compression = start.ok ? compressionOf(start.value) : undefined;
  for await (const chunk of compression === undefined ? readPlain(file) : inflate(file, compression)) {
    yield chunk;
    await breathe();
  }
}

function* readPlain(file: OpenFile): Generator<Chunk, void> {
  for (let at = 0; at < file.size; at += piece) {
    const bytes = file.read(at, piece);
    yield bytes;
    if (!bytes.ok) return;
  }
}

/**
 * The bytes as UTF-8 without a byte order mark: UTF-16 is converted on the way, so that whatever looks for line ends or
 * commas knows one encoding only. UTF-8 is not checked here, because a bad byte spoils one record and not the file.
 */
export async function* readUtf8(file: OpenFile): AsyncGenerator<Chunk, void> {
  const chunks = readChunks(file);
  const start = await takeStart(chunks);
  const mark = start.ok ? markOf(start.value) : start;
  if (!start.ok || !mark.ok) {
    yield mark.ok ? start : mark;
    return;
  }
  const { encoding, length } = mark.value;
  const first = start.value.subarray(length);
  if (encoding === "utf-8") yield* checkedStart(first, chunks);
  else yield* fromUtf16(first, chunks, encoding);
}

async function* checkedStart(first: Buffer, others: AsyncGenerator<Chunk, void>): AsyncGenerator<Chunk, void> {
  const unmarked = first.includes(0) ? unmarkedUtf16(first) : undefined;
  yield unmarked === undefined ? ok(first) : err(unmarked);
  if (unmarked === undefined) yield* others;
}

/** The first chunk, and more when it is shorter than a byte order mark may be. */
const takeStart = async (chunks: AsyncGenerator<Chunk, void>): Promise<Chunk> => {
  let start: Buffer = Buffer.alloc(0);
  while (start.length < longestMark) {
    const next = await chunks.next();
    if (next.done === true) break;
    if (!next.value.ok) return next.value;
    start = Buffer.concat([start, next.value.value]);
  }
  return ok(start);
};

async function* fromUtf16(
  first: Buffer,
  others: AsyncGenerator<Chunk, void>,
  encoding: Encoding,
): AsyncGenerator<Chunk, void> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const convert = (bytes?: Buffer): Result<Buffer, string> => {
    try {
      return ok(Buffer.from(decoder.decode(bytes, { stream: bytes !== undefined })));
    } catch {
      return err(invalidIn(encoding));
    }
  };
  let converted: Chunk = convert(first);
  yield converted;
  if (!converted.ok) return;
  for await (const chunk of others) {
    converted = chunk.ok ? convert(chunk.value) : chunk;
    yield converted;
    if (!converted.ok) return;
  }
  // What is left is half a character.
  const rest = convert();
  if (!rest.ok) yield rest;
}
