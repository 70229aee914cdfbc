import { isAscii, isUtf8 } from "node:buffer";
import { decodeUtf8 } from "./decode.ts";
import type { Chunk } from "./inflate.ts";

/** A line of a file, without its end. */
export type Line =
  | { readonly kind: "line"; readonly number: number; readonly text: string }
  | { readonly kind: "too-long"; readonly number: number }
  | { readonly kind: "unreadable"; readonly number: number; readonly why: string }
  /** The file itself cannot be read on; `number` is the line that was not finished. */
  | { readonly kind: "broken"; readonly number: number; readonly why: string };

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Cuts UTF-8 into lines, which end with LF or CR LF, and gives those of a chunk together.
 * @param longest bytes of a line that is kept; of a longer one nothing is, however long it is
 */
export async function* splitLines(chunks: AsyncIterable<Chunk>, longest: number): AsyncGenerator<Line[], void> {
  const pending = pendingLine(longest);
  let number = 1;
  for await (const chunk of chunks) {
    if (!chunk.ok) {
      yield [{ kind: "broken", number, why: chunk.error }];
      return;
    }
    const bytes = chunk.value;
    const first = bytes.indexOf(newline);
    if (first < 0) {
      pending.add(bytes);
      continue;
    }
    pending.add(bytes.subarray(0, first));
    const last = bytes.lastIndexOf(newline);
    const lines = [pending.take(number), ...cutBlock(bytes.subarray(first + 1, last + 1), number + 1)];
    pending.add(bytes.subarray(last + 1));
    number += lines.length;
    yield lines;
  }
  if (!pending.isEmpty()) yield [pending.take(number)];
}

interface PendingLine {
  readonly add: (bytes: Buffer) => void;
  readonly take: (number: number) => Line;
  readonly isEmpty: () => boolean;
}

/** A line that goes on from chunk to chunk; its bytes are let go as soon as they are too many. */
const pendingLine = (longest: number): PendingLine => {
  let parts: Buffer[] = [];
  let length = 0;
  return {
    isEmpty: () => length === 0,
    add: (bytes) => {
      length += bytes.length;
      if (length > longest) parts = [];
      else parts.push(bytes);
    },
    take: (number) => {
      const line: Line = length > longest ? { kind: "too-long", number } : lineOf(Buffer.concat(parts), number);
      parts = [];
      length = 0;
      return line;
    },
  };
};

const lineOf = (bytes: Buffer, number: number): Line => {
  const text = decodeUtf8(bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes);
  return text.ok ? { kind: "line", number, text: text.value } : { kind: "unreadable", number, why: text.error };
};

/**
 * Whole lines, the last with its end. All are checked at once, which is much faster than one by one. Each is a string of
 * its own nevertheless: parts of one large string would keep all of it in memory as long as any of them lives.
 */
const cutBlock = (block: Buffer, from: number): Line[] => {
  const decode = decoderOf(block);
  const lines: Line[] = [];
  for (let start = 0, number = from; start < block.length; number += 1) {
    const end = block.indexOf(newline, start);
    if (decode === undefined) lines.push(lineOf(block.subarray(start, end), number));
    else {
      const cut = end > start && block[end - 1] === carriageReturn ? end - 1 : end;
      lines.push({ kind: "line", number, text: decode(start, cut) });
    }
    start = end + 1;
  }
  return lines;
};

/** A decoder for parts of a block in which nothing is wrong. */
const decoderOf = (block: Buffer): ((start: number, end: number) => string) | undefined => {
  if (block.includes(0)) return undefined;
  if (isAscii(block)) return (start, end) => block.toString("latin1", start, end);
  return isUtf8(block) ? (start, end) => block.toString("utf8", start, end) : undefined;
};
