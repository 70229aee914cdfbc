import type { Stopped } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { clean } from "./clean.ts";
import type { DocumentTable } from "./document-table.ts";
import type { Reading } from "./reading.ts";
import { glance, isPlain, type Glance } from "./glance.ts";
import { languageOf, undetermined } from "./language.ts";
import type { Pace } from "./pace.ts";
import { noBoilerplate, RepeatedLines, type Boilerplate } from "./repeated-lines.ts";
import type { CorpusSource, Hygiene } from "./request.ts";
import { maskSecrets } from "./secrets.ts";
import type { Spool } from "./spool.ts";
import { addCounts, emptyTally, fewExamples, type Tally } from "./tally.ts";

/** A source after the first pass: its documents lie in the spool, clean. */
export interface Scanned {
  /** Its documents in the table: from the first one to before the end. */
  readonly from: number;
  readonly end: number;
  readonly tally: Tally;
  /** Lines that many documents have. */
  readonly boilerplate: Boilerplate;
}

/** Where every language is welcome, so many documents are looked at, to say what they are in. */
const surveyed = 500;

export interface ScanOptions {
  /** Place of the source in the request. */
  readonly index: number;
  readonly seed: number;
  readonly hygiene: Hygiene;
  readonly documents: DocumentTable;
  readonly spool: Spool;
  readonly pace: Pace;
}

/** First pass: reads a source and cleans each document by itself. */
export const scan = async (source: CorpusSource, options: ScanOptions): Promise<Result<Scanned, Stopped>> => {
  const { pace } = options;
  const scanner = new Scanner(source, options);
  for await (const readings of source.read()) {
    for (const reading of readings) await scanner.take(reading);
    if (!pace.step(scanner.takeWork())) continue;
    const interrupted = await pace.rest();
    if (interrupted !== undefined) return err(interrupted);
  }
  return ok(scanner.end());
};

class Scanner {
  readonly #options: ScanOptions;
  readonly #from: number;
  readonly #tally = emptyTally();
  readonly #lines: RepeatedLines | undefined;
  #work = 0;

  constructor(source: CorpusSource, options: ScanOptions) {
    this.#options = options;
    this.#from = options.documents.count;
    this.#lines = options.hygiene.boilerplate && source.kind === "texts" ? new RepeatedLines() : undefined;
  }

  /** Characters taken since it was last asked. */
  takeWork(): number {
    const work = this.#work;
    this.#work = 0;
    return work;
  }

  async take(reading: Reading): Promise<void> {
    const { dropped, unreadable } = this.#tally;
    this.#tally.read += 1;
    if (reading.kind === "document") return this.#clean(reading);
    dropped[reading.kind] += 1;
    if (reading.kind === "unreadable" && unreadable.length < fewExamples)
      unreadable.push({ name: reading.name, why: reading.why });
  }

  end(): Scanned {
    return {
      from: this.#from,
      end: this.#options.documents.count,
      tally: this.#tally,
      boilerplate: this.#lines?.boilerplate() ?? noBoilerplate,
    };
  }

  async #clean({ name, group, text: raw }: Extract<Reading, { kind: "document" }>): Promise<void> {
    const { hygiene, seed, spool, index, documents } = this.#options;
    this.#work += raw.length;
    const seen = glance(raw);
    const cleaned = clean(raw, hygiene, seen);
    // White space is all that goes from a plain text, so that no two of its other characters come together.
    const text = hygiene.secrets ? this.#mask(cleaned, seed, isPlain(seen) ? seen : glance(cleaned)) : cleaned;
    if (text.length > hygiene.maxLength) this.#tally.dropped["too-long"] += 1;
    else if (text.length < hygiene.minLength) this.#tally.dropped["too-short"] += 1;
    else if (await this.#isForeign(text)) this.#tally.dropped.language += 1;
    else {
      const stretch = spool.append(text);
      this.#lines?.add(spool.last(stretch));
      documents.add({ source: index, group, name, ...stretch });
    }
  }

  #mask(cleaned: string, seed: number, seen: Glance): string {
    const { text, counts } = maskSecrets(cleaned, seed, seen);
    addCounts(this.#tally.masked, counts);
    return text;
  }

  /** A text whose language cannot be told stays: code and tables are in none. */
  async #isForeign(text: string): Promise<boolean> {
    const { hygiene, documents } = this.#options;
    const wanted = hygiene.languages;
    if (wanted === null && documents.count - this.#from >= surveyed) return false;
    const language = await languageOf(text);
    addCounts(this.#tally.languages, { [language]: 1 });
    return wanted !== null && language !== undetermined && !wanted.includes(language);
  }
}
