import type { Interrupted } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { Components } from "./components.ts";
import type { Document } from "./document.ts";
import type { Pace } from "./pace.ts";
import { noBoilerplate, withoutLines } from "./repeated-lines.ts";
import type { CorpusSource, Hygiene } from "./request.ts";
import type { Scanned } from "./scan.ts";
import { SimilarityIndex } from "./similar.ts";
import { textOf, type Spool, type Stretch } from "./spool.ts";
import { fewExamples, type Tally } from "./tally.ts";
import type { WordSpool } from "./word-spool.ts";
import { documentKey, WordReader, type Words } from "./words.ts";

/** The documents of all sources that are left after comparing them with one another. */
export interface Sifted {
  readonly documents: readonly Document[];
  /** By document: what must lie on one side of the split as a whole, source groups joined where they hold near copies. */
  readonly clusters: readonly number[];
  readonly tallies: readonly Tally[];
  /** The text of a document as it may be packed. */
  readonly text: (document: number) => string;
  /** Its words, until the next ones are asked for. */
  readonly words: (document: number) => Words;
}

export interface SiftOptions {
  readonly sources: readonly CorpusSource[];
  readonly hygiene: Hygiene;
  readonly spool: Spool;
  readonly words: WordSpool;
  readonly pace: Pace;
}

/** Second pass: removes boilerplate lines, exact copies and near copies, and finds what must stay together. */
export const sift = async (scanned: readonly Scanned[], options: SiftOptions): Promise<Result<Sifted, Interrupted>> => {
  const sifter = new Sifter(scanned, options);
  for (const index of inOrder(options.sources)) {
    for (const document of scanned[index]?.documents ?? []) {
      sifter.take(document);
      if (!options.pace.step(document.bytes)) continue;
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
  readonly #keys = new Map<string, number>();
  readonly #reader = new WordReader();
  readonly #index: SimilarityIndex;
  /** Every document that was compared, in order; numbers of the index are places in it. */
  readonly #compared: Document[] = [];
  /** Where their words lie. */
  readonly #words: Stretch[] = [];
  readonly #keep: number[] = [];

  constructor(scanned: readonly Scanned[], options: SiftOptions) {
    this.#scanned = scanned;
    this.#options = options;
    this.#index = new SimilarityIndex({
      threshold: 0.8,
      wordsOf: (number) => this.#wordsOf(number),
    });
  }

  take(document: Document): void {
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
    if (hygiene.duplicates && this.#isCopy(documentKey(words, text))) {
      tally.dropped.duplicate += 1;
      return;
    }
    this.#compare(document, words);
  }

  end(): Sifted {
    const documents = this.#keep.map((number) => this.#at(number));
    const clusters = this.#clusters();
    return {
      documents,
      clusters,
      tallies: this.#scanned.map(({ tally }) => tally),
      text: (document) => textOf(this.#stripped(documents[document] ?? unknownDocument(document)).text),
      words: (document) => this.#wordsOf(this.#keep[document] ?? unknownDocument(document)),
    };
  }

  #isCopy(key: string): boolean {
    if (this.#keys.has(key)) return true;
    this.#keys.set(key, this.#keys.size);
    return false;
  }

  #compare(document: Document, words: Words): void {
    const { sources, hygiene } = this.#options;
    const number = this.#compared.push(document) - 1;
    this.#words.push(this.#options.words.append(words));
    const { near } = this.#index.add(number, words);
    const removable = hygiene.nearDuplicates && sources[document.source]?.kind === "texts";
    const tally = this.#tally(document);
    const [first] = near;
    if (first === undefined || !removable) {
      this.#keep.push(number);
      tally.kept += 1;
      tally.bytes += document.bytes;
      return;
    }
    tally.dropped["near-duplicate"] += 1;
    const { name: of } = this.#at(first.id);
    if (tally.copies.length < fewExamples) tally.copies.push({ name: document.name, of, jaccard: first.jaccard });
  }

  /** Groups of the same near copies are one cluster: whatever one of them does, the others do. */
  #clusters(): number[] {
    const groups = new Map<string, number>();
    const ofComponent = new Map<number, number>();
    const components = new Components();
    const groupOf = this.#keep.map((number) => {
      const { source, group } = this.#at(number);
      const name = `${source}\n${group}`;
      const known = groups.get(name) ?? groups.size;
      groups.set(name, known);
      components.reserve(known);
      const component = this.#index.component(number);
      components.join(known, ofComponent.get(component) ?? known);
      ofComponent.set(component, known);
      return known;
    });
    return groupOf.map((group) => components.root(group));
  }

  #tally({ source }: Document): Tally {
    return this.#scanned[source]?.tally ?? unknownDocument(source);
  }

  /** UTF-8, until the next one is asked for. */
  #stripped(document: Document): { text: Buffer; lines: number } {
    const boilerplate = this.#scanned[document.source]?.boilerplate ?? noBoilerplate;
    return withoutLines(this.#options.spool.readBytes(document), boilerplate);
  }

  #wordsOf(number: number): Words {
    return this.#options.words.read(this.#words[number] ?? unknownDocument(number));
  }

  #at(number: number): Document {
    return this.#compared[number] ?? unknownDocument(number);
  }
}

const unknownDocument = (number: number): never => {
  throw new Error(`Internal error: no document ${number}`);
};
