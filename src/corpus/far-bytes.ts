import { ok, type Result } from "../base/result.ts";

/** Bytes that are read in parts, wherever they lie. An error is the rest of a sentence about the file. */
export interface FarBytes {
  readonly size: number;
  /** Exactly `length` bytes from `offset`, both inside `size`. */
  readonly read: (offset: number, length: number) => Promise<Result<Buffer, string>>;
}

/** Bytes that are asked for at once: few while little may be wanted, more the longer it goes on. */
const blocks = { first: 256 * 1024, largest: 4 * 2 ** 20 };

/**
 * Reads a stretch from its front to its back in blocks, so that a reader may ask for little at a time. Nothing behind the
 * stretch is ever asked for. Memory: a block, or the longest part that was asked for.
 */
export class ReadAhead implements FarBytes {
  readonly size: number;
  readonly #source: FarBytes;
  #at = 0;
  #block: Buffer = Buffer.alloc(0);
  #next = blocks.first;

  /** @param end where the stretch ends, in bytes of the source, as all offsets are */
  constructor(source: FarBytes, end = source.size) {
    this.#source = source;
    this.size = end;
  }

  /** Fewer bytes only at the end. */
  async read(offset: number, length: number): Promise<Result<Buffer, string>> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    const inside = offset - this.#at;
    const kept = inside >= 0 ? this.#block.subarray(inside) : Buffer.alloc(0);
    if (kept.length >= wanted) return ok(kept.subarray(0, wanted));
    const from = offset + kept.length;
    const more = await this.#source.read(from, Math.min(Math.max(wanted - kept.length, this.#next), this.size - from));
    if (!more.ok) return more;
    this.#next = Math.min(this.#next * 2, blocks.largest);
    this.#at = offset;
    this.#block = kept.length === 0 ? more.value : Buffer.concat([kept, more.value]);
    return ok(this.#block.subarray(0, wanted));
  }
}
