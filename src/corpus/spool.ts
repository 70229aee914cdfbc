import { isAscii } from "node:buffer";
import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** Bytes as text; most are ASCII, which is read faster as Latin-1. */
export const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? "latin1" : "utf8");

/** Where a text lies in a spool. */
export interface Stretch {
  /** bytes */
  readonly offset: number;
  /** bytes */
  readonly bytes: number;
}

/** Texts are written in pieces of about this size, and read ahead as far. */
const blockSize = 2 ** 22;

/**
 * Texts, or other bytes, on disk, so that a corpus may be larger than the memory: one file, written once, read as often as it
 * takes. (To read the sources again instead was rejected: compressed files have no place to jump to, and a file may
 * have changed.)
 */
export class Spool {
  readonly #file: number;
  #block = Buffer.allocUnsafe(blockSize);
  #filled = 0;
  #written = 0;
  /** What was read ahead; its memory is used again for each window, for it is larger than all that is read from it. */
  #window: { readonly start: number; readonly bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };
  #ahead = Buffer.alloc(0);
  #last = 0;

  constructor(path: string) {
    this.#file = openSync(path, "wx+");
  }

  append(text: string): Stretch {
    this.#reserve(text.length * 3);
    return this.#filledBy(this.#block.write(text, this.#filled));
  }

  /** The bytes of what was just appended, until the next append. */
  last({ offset, bytes }: Stretch): Buffer {
    const at = offset - this.#written;
    return this.#block.subarray(at, at + bytes);
  }

  /** The same for pieces of bytes, which are one stretch. */
  appendBytes(...pieces: readonly Uint8Array[]): Stretch {
    this.#reserve(pieces.reduce((sum, { length }) => sum + length, 0));
    let bytes = 0;
    for (const piece of pieces) {
      this.#block.set(piece, this.#filled + bytes);
      bytes += piece.length;
    }
    return this.#filledBy(bytes);
  }

  /** Fast for texts in the order in which they were written, also with reads elsewhere in between. */
  read(stretch: Stretch): string {
    return textOf(this.readBytes(stretch));
  }

  /** The bytes themselves, until the next read. */
  readBytes({ offset, bytes }: Stretch): Buffer {
    this.#flush();
    const inside = offset >= this.#window.start && offset + bytes <= this.#windowEnd();
    if (!inside && this.#follows(offset)) this.#window = { start: offset, bytes: this.#loadAhead(offset, bytes) };
    this.#last = offset + bytes;
    const { start, bytes: window } = this.#window;
    const at = offset - start;
    if (at >= 0 && at + bytes <= window.length) return window.subarray(at, at + bytes);
    return this.#load(offset, Buffer.allocUnsafe(bytes));
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #reserve(most: number): void {
    if (this.#filled + most > this.#block.length) this.#flush();
    if (most > this.#block.length) this.#block = Buffer.allocUnsafe(most);
  }

  #filledBy(bytes: number): Stretch {
    const stretch = { offset: this.#written + this.#filled, bytes };
    this.#filled += bytes;
    return stretch;
  }

  #windowEnd(): number {
    return this.#window.start + this.#window.bytes.length;
  }

  /** Whether a read goes on where the window or the last read ended: then it pays to read ahead. */
  #follows(offset: number): boolean {
    const end = this.#windowEnd();
    return offset === this.#last || (offset >= this.#window.start && offset <= end + blockSize);
  }

  #loadAhead(offset: number, least: number): Buffer {
    const length = Math.min(Math.max(blockSize, least), this.#written - offset);
    if (length > this.#ahead.length) this.#ahead = Buffer.allocUnsafe(Math.max(blockSize, least));
    return this.#load(offset, this.#ahead.subarray(0, length));
  }

  #load(offset: number, into: Buffer): Buffer {
    for (let read = 0; read < into.length;) {
      const more = readSync(this.#file, into, read, into.length - read, offset + read);
      if (more === 0) throw new Error("Internal error: a spool is shorter than what was written to it");
      read += more;
    }
    return into;
  }

  #flush(): void {
    for (let done = 0; done < this.#filled;)
      done += writeSync(this.#file, this.#block, done, this.#filled - done, this.#written + done);
    this.#written += this.#filled;
    this.#filled = 0;
  }
}
