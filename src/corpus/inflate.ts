import { pipeline, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { err, ok, type Result } from "../base/result.ts";

/** What is decompressed: a file that is open, or one that lies elsewhere. */
interface Packed {
  readonly size: number;
  readonly read: (offset: number, length: number) => Result<Buffer, string> | Promise<Result<Buffer, string>>;
}

export type Compression = "gzip" | "zstd";

/** A part of a file's bytes; after an error, which is the rest of a sentence about the file, nothing follows. */
export type Chunk = Result<Buffer, string>;

/** Bytes that are read at once. */
export const piece = 256 * 1024;

/** Told by the first bytes: a name says little about downloads, and nothing about pipes that were saved. */
export const compressionOf = (start: Uint8Array): Compression | undefined => {
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  return isZstdFrame(start) || isSkippable(start) ? "zstd" : undefined;
};

const isZstdFrame = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;

/** A frame with other than text, such as the table of contents of a file that can be searched (RFC 8878, 3.1.2). */
const isSkippable = (bytes: Uint8Array): boolean =>
  ((bytes[0] ?? 0) & 0xf0) === 0x50 && bytes[1] === 0x2a && bytes[2] === 0x4d && bytes[3] === 0x18;

/** Decompresses a file in parts of some ten kilobytes, each only when the one before it was taken. */
export async function* inflate(file: Packed, compression: Compression): AsyncGenerator<Chunk, void> {
  if (compression === "gzip") {
    yield* inflateFrame(file, 0, compression);
    return;
  }
  // Node's decompressor ends after the first frame and says nothing of the others; parallel compressors write many.
  for (let at = 0; at < file.size;) {
    const length = yield* inflateOrSkip(file, at);
    if (length === undefined) return;
    at += length;
  }
}

const skippableHeader = 8;

async function* inflateOrSkip(file: Packed, at: number): AsyncGenerator<Chunk, number | undefined> {
  const start = await file.read(at, skippableHeader);
  if (start.ok && isZstdFrame(start.value)) return yield* inflateFrame(file, at, "zstd");
  if (start.ok && isSkippable(start.value) && start.value.length === skippableHeader)
    return skippableHeader + start.value.readUInt32LE(4);
  yield start.ok ? err(`its zstd data is damaged (something else begins at byte ${at})`) : start;
  return undefined;
}

/** Gives out what is compressed from byte `from` on, and returns how many bytes that took, if it is sound. */
async function* inflateFrame(
  file: Packed,
  from: number,
  compression: Compression,
): AsyncGenerator<Chunk, number | undefined> {
  const input: Input = { trouble: undefined };
  const stream = compression === "gzip" ? createGunzip() : createZstdDecompress();
  // An error of the pipeline is the stream's too, and the loop below gets it. Nothing is read far ahead: of a file with
  // many frames it would be read again for each.
  pipeline(Readable.from(readPieces(file, from, input), { highWaterMark: 1 }), stream, () => {});
  try {
    for await (const bytes of stream) yield ok(bytes as Buffer);
    return stream.bytesWritten;
  } catch (error) {
    yield err(input.trouble ?? wordsOf(error, compression));
    return undefined;
  }
}

interface Input {
  /** Why the file could not be read to its end. */
  trouble: string | undefined;
}

/** Reading that fails ends the input early, which the decompressor reports; the reason for it is kept in `input`. */
async function* readPieces(file: Packed, from: number, input: Input): AsyncGenerator<Buffer> {
  for (let at = from; at < file.size; at += piece) {
    const bytes = await file.read(at, piece);
    if (!bytes.ok) {
      input.trouble = bytes.error;
      return;
    }
    yield bytes.value;
  }
}

const wordsOf = (error: unknown, compression: Compression): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!/^(?:Z_|ZSTD_|ERR_ZLIB_)/.test(code) || !(error instanceof Error)) throw error;
  if (code === "Z_BUF_ERROR") return `its ${compression} data ends early`;
  return `its ${compression} data is damaged (${error.message.toLowerCase()})`;
};
