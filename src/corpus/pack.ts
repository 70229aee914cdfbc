import { cutAt, separator, type MeasuredDocument } from "./measured.ts";
import type { TextStream } from "./streams.ts";

/** A stretch of a document in a packed text. */
export interface Piece {
  readonly document: number;
  readonly source: string;
  readonly group: string;
  readonly name: string;
  /** Index of the unit it was packed for. */
  readonly unit: number;
  /** Byte offsets in the packed text, the separator left out. */
  readonly start: number;
  readonly end: number;
}

export interface Packed {
  readonly text: string;
  readonly pieces: readonly Piece[];
  /** Where documents ran out before a unit was full. */
  readonly missing: Missing | undefined;
}

export interface Missing {
  readonly source: string;
  /** Index of the unit that is not full. */
  readonly unit: number;
  /** Tokens that it has. */
  readonly tokens: number;
  /** The document that only lacks its measurement; undefined when there is none left. */
  readonly starved: number | undefined;
}

/**
 * Fills units of exactly `unitTokens` tokens one after the other. A document that crosses the end of its unit is cut at
 * the next word and its rest is dropped, so that no document reaches into two units; what the word adds is given back
 * by the next unit, so the error never grows.
 * @param units which stream fills each unit; documents are taken from its front
 * @param leading tokens that the tokenizer puts before the text (BOS)
 * @param before units of the same streams that were packed into other texts
 */
export const packUnits = (
  units: readonly TextStream[],
  unitTokens: number,
  leading: number,
  before: number = 0,
): Packed => {
  const packer = new Packer(leading, before);
  for (const [unit, stream] of units.entries()) {
    if (packer.fill(unit, stream, (unit + 1) * unitTokens)) continue;
    const tokens = Math.max(0, packer.tokens() - unit * unitTokens);
    return packer.finish({ source: stream.source, unit, tokens, starved: stream.starved() });
  }
  return packer.finish(undefined);
};

class Packer {
  readonly #parts: Buffer[] = [];
  readonly #pieces: Piece[] = [];
  #offset = 0;
  readonly #before: number;
  #tokens: number;

  constructor(leading: number, before: number) {
    this.#tokens = leading;
    this.#before = before;
  }

  /** Takes documents until the text has `target` tokens; false when the stream ends before. */
  fill(unit: number, stream: TextStream, target: number): boolean {
    while (this.#tokens < target) {
      const next = stream.take(this.#before + unit);
      if (next === undefined) return false;
      const room = target - this.#tokens;
      if (next.tokens <= room) this.#append(unit, next, next.bytes, next.tokens);
      else this.#appendCut(unit, next, room);
    }
    return true;
  }

  tokens(): number {
    return this.#tokens;
  }

  /** The tools strip one newline from the end of a text: leave none, so that every reader sees the same bytes. */
  finish(missing: Missing | undefined): Packed {
    return { text: Buffer.concat(this.#parts).toString("utf8").trimEnd(), pieces: this.#pieces, missing };
  }

  #appendCut(unit: number, next: MeasuredDocument, room: number): void {
    const cut = cutAt(next, room);
    this.#append(unit, next, cut.bytes, cut.tokens + separatorTokens(next));
  }

  #append(unit: number, { document, source, group, name }: MeasuredDocument, bytes: Buffer, tokens: number): void {
    this.#pieces.push({ document, source, group, name, unit, start: this.#offset, end: this.#offset + bytes.length });
    this.#parts.push(bytes, Buffer.from(separator));
    this.#offset += bytes.length + separator.length;
    this.#tokens += tokens;
  }
}

/**
 * Repeats the first two units behind a text, or its only one twice, since one alone falls short of a window by its BOS. llama-perplexity loses its last lines at exit in one run of six, so a
 * shard ends with a window whose numbers nobody needs; what stands in it is without consequence.
 */
export const withSpareWindow = (packed: Packed): Packed => {
  const end = packed.pieces.findLast(({ unit }) => unit <= 1)?.end ?? 0;
  const again = Buffer.from(packed.text).subarray(0, end).toString("utf8").trimEnd();
  const copies = packed.pieces.some(({ unit }) => unit === 1) ? [again] : [again, again];
  return { ...packed, text: [packed.text, ...copies].join(separator) };
};

/** Tokens of the separator after a cut document: one or two in every tokenizer met so far; the next unit absorbs it. */
const separatorTokens = (document: MeasuredDocument): number =>
  Math.max(0, document.tokens - document.ends.filter((end) => end <= document.bytes.length).length);
