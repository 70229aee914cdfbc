import type { Stopped } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { Column } from "./column.ts";
import { Components } from "./components.ts";
import { DocumentKeys } from "./document-keys.ts";
import { SelectedDocuments, type Documents, type DocumentTable } from "./document-table.ts";
import { grown } from "./grown.ts";
import type { Pace } from "./pace.ts";
import { noBoilerplate, withoutLines } from "./repeated-lines.ts";
import type { CorpusSource, Hygiene } from "./request.ts";
import type { Scanned } from "./scan.ts";
import { SimilarityIndex } from "./similar.ts";
import { textOf, type Spool } from "./spool.ts";
import { fewExamples, type Tally } from "./tally.ts";
import type { WordSpool } from "./word-spool.ts";
import { documentKey, WordReader, type Words } from "./words.ts";

/** The documents of all sources that are left after comparing them with one another. */
export interface Sifted {
  readonly documents: Documents;
  /** By document: what must lie on one side of the split as a whole, source groups joined where they hold near copies. */
  readonly clusters: Uint32Array;
  readonly tallies: readonly Tally[];
  /** The text of a document as it may be packed. */
  readonly text: (document: number) => string;
  /** Its words, until the next ones are asked for. */
  readonly words: (document: number) => Words;
}

export interface SiftOptions {
  readonly sources: readonly CorpusSource[];
  readonly hygiene: Hygiene;
  readonly documents: DocumentTable;
  readonly spool: Spool;
  readonly words: WordSpool;
  readonly pace: Pace;
}

/** Second pass: removes boilerplate lines, exact copies and near copies, and finds what must stay together. */
export const sift = async (scanned: readonly Scanned[], options: SiftOptions): Promise<Result<Sifted, Stopped>> => {
  const sifter = new Sifter(scanned, options);
  for (const index of inOrder(options.sources)) {
    const { from, end } = scanned[index] ?? { from: 0, end: 0 };
    for (let document = from; document < end; document += 1) {
      sifter.take(document);
      if (!options.pace.step(options.documents.bytes(document))) continue;
      const interrupted = await options.pace.rest();
      if (interrupted !== undefined) return err(interrupted);
    }
  }
  return ok(sifter.end());
};

/** Prompts and chats first: of two near copies it is the plain text that can go. */
const inOrder = (sources: readonly CorpusSource[]): number[] => {
  const all = [...sources.keys()];
  const isText = (index: number): boolean => sources[index]?.kind === "texts";
  return [...all.filter((index) => !isText(index)), ...all.filter(isText)];
};

class Sifter {
  readonly #scanned: readonly Scanned[];
  readonly #options: SiftOptions;
  readonly #keys = new DocumentKeys();
  readonly #reader = new WordReader();
  readonly #index: SimilarityIndex;
  /** Every document that was compared, in order; numbers of the index, and of words, are places in it. */
  readonly #compared = new Column(Uint32Array);
  /** Those that are kept: their places in it, and their numbers in the table. */
  readonly #keep = new Column(Uint32Array);
  readonly #kept = new Column(Uint32Array);

  constructor(scanned: readonly Scanned[], options: SiftOptions) {
    this.#scanned = scanned;
    this.#options = options;
    this.#index = new SimilarityIndex({
      threshold: 0.8,
      wordsOf: (number) => this.#options.words.read(number),
    });
  }

  take(document: number): void {
    const { hygiene } = this.#options;
    const tally = this.#tally(document);
    const { text, lines } = this.#stripped(document);
    tally.boilerplateLines += lines;
    // What nothing was taken from was measured when it was read.
    if (lines > 0 && textOf(text).length < hygiene.minLength) {
      tally.dropped["too-short"] += 1;
      return;
    }
    const words = this.#reader.readBytes(text);
    if (hygiene.duplicates && !this.#keys.add(documentKey(words, text))) {
      tally.dropped.duplicate += 1;
      return;
    }
    this.#compare(document, words);
  }

  end(): Sifted {
    const documents = new SelectedDocuments(this.#options.documents, this.#kept);
    return {
      documents,
      clusters: this.#clusters(documents),
      tallies: this.#scanned.map(({ tally }) => tally),
      text: (document) => textOf(this.#stripped(this.#kept.at(document)).text),
      words: (document) => this.#options.words.read(this.#keep.at(document)),
    };
  }

  #compare(document: number, words: Words): void {
    const { sources, hygiene, documents } = this.#options;
    const number = this.#compared.push(document);
    this.#options.words.append(words);
    const { near } = this.#index.add(number, words);
    const removable = hygiene.nearDuplicates && sources[documents.source(document)]?.kind === "texts";
    const tally = this.#tally(document);
    const [first] = near;
    if (first === undefined || !removable) {
      this.#keep.push(number);
      this.#kept.push(document);
      tally.kept += 1;
      tally.bytes += documents.bytes(document);
      return;
    }
    tally.dropped["near-duplicate"] += 1;
    if (tally.copies.length >= fewExamples) return;
    const of = documents.name(this.#compared.at(first.id));
    tally.copies.push({ name: documents.name(document), of, jaccard: first.jaccard });
  }

  /**
   * Groups of the same near copies are one cluster: whatever one of them does, the others do. A group has the number of
   * its first document, and a cluster that of its first group.
   */
  #clusters(documents: Documents): Uint32Array {
    const components = new Components();
    const heads = new GroupHeads(documents);
    /** By component of near copies: a document of it + 1. */
    const met = new Uint32Array(this.#compared.length);
    const headOf = Uint32Array.from({ length: documents.count }, (_, document) => {
      const head = heads.of(document);
      const component = this.#index.component(this.#keep.at(document));
      components.reserve(document);
      components.join(head, (met[component] ?? 0) === 0 ? head : (met[component] ?? 0) - 1);
      met[component] = head + 1;
      return head;
    });
    return headOf.map((head) => components.root(head));
  }

  #tally(document: number): Tally {
    return this.#scanned[this.#options.documents.source(document)]?.tally ?? unknownDocument(document);
  }

  /** UTF-8, until the next one is asked for. */
  #stripped(document: number): { text: Buffer; lines: number } {
    const { documents, spool } = this.#options;
    const boilerplate = this.#scanned[documents.source(document)]?.boilerplate ?? noBoilerplate;
    return withoutLines(spool.readBytes(documents.stretch(document)), boilerplate);
  }
}

const unknownDocument = (number: number): never => {
  throw new Error(`Internal error: no document ${number}`);
};

/** The first document of each group, as documents come. A source comes as a whole, so that one list does for all sources. */
class GroupHeads {
  readonly #documents: Documents;
  /** By number of the group's name: the first document + 1 of the source at hand, or of one before it. */
  #first = new Uint32Array(1024);

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  of(document: number): number {
    const group = this.#documents.groupNumber(document);
    this.#first = grown(this.#first, group + 1);
    const known = (this.#first[group] ?? 0) - 1;
    if (known >= 0 && this.#documents.source(known) === this.#documents.source(document)) return known;
    this.#first[group] = document + 1;
    return document;
  }
}
