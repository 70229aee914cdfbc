import type { OpenBytes } from "./bytes.ts";

/**
 * Reads little-endian values one after another. After the first flaw every read gives zero or nothing, so that a reader
 * need not look at `why` until it loops or allocates by what it read.
 */
export interface Cursor {
  readonly u32: () => number;
  readonly i32: () => number;
  /** The file's 64 bits as a number; a flaw above 2^53 - 1. */
  readonly count: (what: string) => number;
  /** UTF-8 with its length before it; bytes that are none become U+FFFD. */
  readonly text: (what: string, most: number) => string;
  /** The next `length` bytes. */
  readonly take: (length: number) => DataView<ArrayBuffer> | undefined;
  /** Counts array elements against the most that one header may have. */
  readonly spend: (elements: number) => void;
  readonly position: () => number;
  /** Bytes up to the limit. */
  readonly left: () => number;
  /** Records the first flaw. */
  readonly fail: (why: string) => void;
  readonly why: () => string | undefined;
}

/** Read in pieces of this size, bytes. */
const piece = 1024 * 1024;

/**
 * Array elements in a header. The largest vocabularies have 262,144 tokens, each with a score and a type, and some
 * 600,000 merges.
 */
const mostElements = 4 * 1024 * 1024;

/** Where a cursor is, and the piece of the file that it has in hand. */
interface Place {
  /** Goes past the next `length` bytes and gives where they begin in `bytes`; -1 after a flaw. */
  readonly pass: (length: number) => number;
  readonly bytes: () => Buffer<ArrayBuffer>;
  readonly position: () => number;
  readonly left: () => number;
  readonly fail: (why: string) => void;
  readonly why: () => string | undefined;
}

const openPlace = (file: OpenBytes, most: number): Place => {
  const limit = Math.min(file.size, most);
  let position = 0;
  let window = { start: 0, bytes: Buffer.alloc(0) };
  let why: string | undefined;

  const fail = (reason: string): void => {
    why ??= reason;
  };
  const refill = (length: number): boolean => {
    const wanted = Math.min(Math.max(length, piece), limit - position);
    // Of a file that is there in part only, there may be no more than is needed.
    const bytes = file.read(position, wanted) ?? file.read(position, length);
    if (bytes === undefined) fail(`cannot be read at byte ${position}`);
    else window = { start: position, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) };
    return bytes !== undefined;
  };
  const pass = (length: number): number => {
    if (why !== undefined) return -1;
    if (length > limit - position) {
      fail(limit < file.size ? `has a header of more than ${most} bytes` : "ends within its header");
      return -1;
    }
    const held = window.start + window.bytes.length - position;
    if (held < length && !refill(length)) return -1;
    const at = position - window.start;
    position += length;
    return at;
  };
  return {
    pass,
    bytes: () => window.bytes,
    position: () => position,
    left: () => limit - position,
    fail,
    why: () => why,
  };
};

/** @param most bytes from the start of the file that may be read, whatever its size */
export const openCursor = (file: OpenBytes, most: number): Cursor => {
  const { pass, bytes, position, left, fail, why } = openPlace(file, most);
  let elements = 0;

  const take = (length: number): DataView<ArrayBuffer> | undefined => {
    const at = pass(length);
    return at === -1 ? undefined : new DataView(bytes().buffer, bytes().byteOffset + at, length);
  };
  const count = (what: string): number => {
    const at = pass(8);
    if (at === -1) return 0;
    const value = bytes().readUInt32LE(at + 4) * 2 ** 32 + bytes().readUInt32LE(at);
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    fail(`has ${what} of ${bytes().readBigUInt64LE(at)}, which cannot be`);
    return 0;
  };
  const text = (what: string, longest: number): string => {
    const length = count(`${what} with a length`);
    if (length > longest) fail(`has ${what} of ${length} bytes, more than ${longest}`);
    const at = pass(length);
    // A decoder of the web takes ten times as long for a short text, and drops a byte order mark, which may be a token.
    return at === -1 ? "" : bytes().toString("utf8", at, at + length);
  };
  const spend = (more: number): void => {
    elements += more;
    if (elements > mostElements) fail(`has arrays of ${elements} elements, more than ${mostElements}`);
  };
  return {
    spend,
    u32: () => take(4)?.getUint32(0, true) ?? 0,
    i32: () => take(4)?.getInt32(0, true) ?? 0,
    count,
    text,
    take,
    position,
    left,
    fail,
    why,
  };
};
