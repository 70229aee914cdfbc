import { Column } from "./column.ts";
import type { Document } from "./document.ts";
import { Names } from "./names.ts";
import type { Stretch } from "./spool.ts";

/** What is known of documents, by their number. */
export interface Documents {
  readonly count: number;
  /** Place of its source in the request. */
  readonly source: (document: number) => number;
  /** bytes, clean */
  readonly bytes: (document: number) => number;
  readonly name: (document: number) => string;
  readonly group: (document: number) => string;
  /** The same for the same name of a group, in all sources. */
  readonly groupNumber: (document: number) => number;
}

/**
 * Documents in the order in which they were read, in some 70 bytes each. (As objects with strings they took 200, and V8
 * lets a heap grow by as much again before it collects it.)
 */
export class DocumentTable implements Documents {
  readonly #names = new Names();
  readonly #sources = new Column(Uint32Array);
  readonly #offsets = new Column(Float64Array);
  readonly #bytes = new Column(Uint32Array);
  readonly #nameOf = new Column(Uint32Array);
  readonly #groupOf = new Column(Uint32Array);

  get count(): number {
    return this.#sources.length;
  }

  add({ source, group, name, offset, bytes }: Document): void {
    this.#sources.push(source);
    this.#offsets.push(offset);
    this.#bytes.push(bytes);
    const number = this.#names.add(name);
    this.#nameOf.push(number);
    // Most documents are a group of their own, and have its name.
    this.#groupOf.push(group === name ? number : this.#names.add(group));
  }

  source(document: number): number {
    return this.#sources.at(document);
  }

  bytes(document: number): number {
    return this.#bytes.at(document);
  }

  /** Where its text lies. */
  stretch(document: number): Stretch {
    return { offset: this.#offsets.at(document), bytes: this.#bytes.at(document) };
  }

  name(document: number): string {
    return this.#names.at(this.#nameOf.at(document));
  }

  group(document: number): string {
    return this.#names.at(this.groupNumber(document));
  }

  groupNumber(document: number): number {
    return this.#groupOf.at(document);
  }
}

/** Some documents of a table, under numbers of their own. */
export class SelectedDocuments implements Documents {
  readonly #table: DocumentTable;
  readonly #numbers: Column;

  /** @param numbers in the table, by number here */
  constructor(table: DocumentTable, numbers: Column) {
    this.#table = table;
    this.#numbers = numbers;
  }

  get count(): number {
    return this.#numbers.length;
  }

  source(document: number): number {
    return this.#table.source(this.#numbers.at(document));
  }

  bytes(document: number): number {
    return this.#table.bytes(this.#numbers.at(document));
  }

  name(document: number): string {
    return this.#table.name(this.#numbers.at(document));
  }

  group(document: number): string {
    return this.#table.group(this.#numbers.at(document));
  }

  groupNumber(document: number): number {
    return this.#table.groupNumber(this.#numbers.at(document));
  }

  /** Where its text lies. */
  stretch(document: number): Stretch {
    return this.#table.stretch(this.#numbers.at(document));
  }
}
