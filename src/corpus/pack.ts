import { cutAt, separator, type MeasuredDocument } from "./measured.ts";

/** A stretch of a document in a packed text. */
export interface Piece {
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
}

/**
 * Fills units of exactly `unitTokens` tokens one after the other. A document that crosses the end of its unit is cut at
 * the next word and its rest is dropped, so that no document reaches into two units; what the word adds is given back
 * by the next unit, so the error never grows.
 * @param units which stream fills each unit; documents are taken from its front
 * @param leading tokens that the tokenizer puts before the text (BOS)
 */
export const packUnits = (units: readonly DocumentStream[], unitTokens: number, leading: number): Packed => {
  const packer = new Packer(leading);
  for (const [unit, stream] of units.entries()) {
    if (packer.fill(unit, stream, (unit + 1) * unitTokens)) continue;
    const tokens = Math.max(0, packer.tokens() - unit * unitTokens);
    return packer.finish({ source: stream.source, unit, tokens });
  }
  return packer.finish(undefined);
};

class Packer {
  readonly #parts: Buffer[] = [];
  readonly #pieces: Piece[] = [];
  #offset = 0;
  #tokens: number;

  constructor(leading: number) {
    this.#tokens = leading;
  }

  /** Takes documents until the text has `target` tokens; false when the stream ends before. */
  fill(unit: number, stream: DocumentStream, target: number): boolean {
    while (this.#tokens < target) {
      const next = stream.take();
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

  #append(unit: number, { document }: MeasuredDocument, bytes: Buffer, tokens: number): void {
    const { source, group, name } = document;
    this.#pieces.push({ source, group, name, unit, start: this.#offset, end: this.#offset + bytes.length });
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

/** Documents of one source for one split, in their frozen order. */
export class DocumentStream {
  readonly source: string;
  readonly #documents: readonly MeasuredDocument[];
  #next: number;

  constructor(source: string, documents: readonly MeasuredDocument[], next = 0) {
    this.source = source;
    this.#documents = documents;
    this.#next = next;
  }

  /** The documents that are left, once more: taking from one leaves the other as it is. */
  fork(): DocumentStream {
    return new DocumentStream(this.source, this.#documents, this.#next);
  }

  take(): MeasuredDocument | undefined {
    this.#next += 1;
    return this.#documents[this.#next - 1];
  }
}
