import { ok, type Result } from "../base/result.ts";
import { measure, type MeasurableText, type MeasuredDocument, type Tokenize } from "./measured.ts";

export interface MeasuresOptions {
  readonly text: (document: number) => Omit<MeasurableText, "bytes"> & { readonly text: string };
  readonly tokenize: Tokenize;
  /** Bytes of a document that are looked at: more could not be packed anyway. */
  readonly limit: number;
}

/** Tokens are counted only for documents that are about to be packed: tokenizing is by far the slowest thing here. */
export class Measures {
  readonly #options: MeasuresOptions;
  readonly #known = new Map<number, MeasuredDocument>();
  #bytes = 0;
  #tokens = 0;

  constructor(options: MeasuresOptions) {
    this.#options = options;
  }

  of(document: number): MeasuredDocument | undefined {
    return this.#known.get(document);
  }

  /** Every document that was measured. */
  known(): Iterable<number> {
    return this.#known.keys();
  }

  /** Measures what is not known yet of lists of documents, each from its front until it has given so many bytes. */
  async add(lists: readonly { readonly documents: Iterable<number>; readonly bytes: number }[]): Promise<Result<null>> {
    const texts = lists.flatMap(({ documents, bytes }) => this.#unknown(documents, bytes));
    if (texts.length === 0) return ok(null);
    const measured = await measure(texts, this.#options.tokenize);
    if (!measured.ok) return measured;
    for (const document of measured.value) {
      this.#known.set(document.document, document);
      this.#bytes += document.bytes.length;
      this.#tokens += document.tokens;
    }
    return ok(null);
  }

  /** Undefined before anything was measured. */
  bytesPerToken(): number | undefined {
    return this.#tokens === 0 ? undefined : this.#bytes / this.#tokens;
  }

  /** The same for documents of some sources only. */
  bytesPerTokenOf(isCounted: (source: string) => boolean): number | undefined {
    const counted = [...this.#known.values()].filter(({ source }) => isCounted(source));
    const tokens = counted.reduce((sum, document) => sum + document.tokens, 0);
    return tokens === 0 ? undefined : counted.reduce((sum, { bytes }) => sum + bytes.length, 0) / tokens;
  }

  #unknown(documents: Iterable<number>, bytes: number): MeasurableText[] {
    const texts: MeasurableText[] = [];
    let taken = 0;
    for (const document of documents) {
      if (taken >= bytes) break;
      if (this.#known.has(document)) continue;
      const { text, ...rest } = this.#options.text(document);
      const head = headOf(text, this.#options.limit);
      taken += head.length;
      texts.push({ ...rest, bytes: head });
    }
    return texts;
  }
}

/** The first bytes of a text, cut at white space where there is any, else between two characters. */
const headOf = (text: string, limit: number): Buffer => {
  // No character takes more than three bytes a code unit, so a longer text need not be encoded as a whole.
  const bytes = Buffer.from(text.slice(0, limit + 1));
  if (bytes.length <= limit && text.length <= limit) return bytes;
  const whole = bytes.subarray(0, limit);
  const space = Math.max(whole.lastIndexOf(0x20), whole.lastIndexOf(0x0a));
  if (space > limit / 2) return whole.subarray(0, space);
  let end = Math.min(limit, bytes.length);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
};
