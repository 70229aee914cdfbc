import { byCodeUnit, sha256 } from "../base/canonical.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { FarBytes } from "./far-bytes.ts";
import { readFarLines } from "./far-lines.ts";
import { readTextColumn, type Cell } from "./parquet-column.ts";
import { findTextColumn, type ColumnPart, type TextColumn } from "./parquet-footer.ts";

/** A file of a dataset. */
export interface FarFile {
  /** In the dataset, with `/`. */
  readonly name: string;
  readonly format: "parquet" | "jsonl";
  readonly open: () => FarBytes;
}

export interface TakeRequest {
  readonly files: readonly FarFile[];
  /** Dotted path of the text in a row. */
  readonly field: string;
  /** Chooses what is read first. */
  readonly seed: number;
  /** Bytes of text, and texts, of both of which there must be so many before it is enough. */
  readonly bytes: number;
  readonly documents: number;
}

/** One text of a dataset, or a row that has something else. */
export interface Taken {
  /** File and row from 1: what names the document in every run. */
  readonly name: string;
  readonly text: Result<string, string>;
}

/** What was taken, and of how much. */
export interface TakenSum {
  readonly documents: number;
  /** of text */
  readonly bytes: number;
  /** Rows that were read, and those of them without a text. */
  readonly rows: number;
  readonly empty: number;
  /** Files, and parts of files (row groups; a file of lines is one part), that were read. */
  readonly files: number;
  readonly parts: number;
}

/** Why nothing can be taken. */
export interface TakeFlaw {
  readonly file: string;
  /** The rest of a sentence about it. */
  readonly why: string;
}

/**
 * Takes texts until it is enough: whole row groups, in an order that hangs on nothing but the seed and the names of the files,
 * each file giving one in turn, so that a little text is from many places; of the last group no more than is wanted. More
 * of the same begins with the same texts.
 * @param sink gets them in their order, some at a time
 */
export const takeTexts = async (
  request: TakeRequest,
  sink: (texts: readonly Taken[], sum: TakenSum) => void,
): Promise<Result<TakenSum, TakeFlaw>> => {
  const taking = new Taking(request);
  for await (const opened of partsOf(request)) {
    if (!opened.ok) return opened;
    const { file, cells } = opened.value;
    let row = opened.value.firstRow;
    taking.begin(file);
    for await (const batch of cells) {
      if (!batch.ok) return err({ file, why: batch.error });
      const texts = taking.take(batch.value, file, row);
      row += batch.value.length;
      sink(texts, taking.sum);
      if (taking.vain !== undefined) return err({ file, why: taking.vain });
      if (taking.isEnough()) return ok(taking.sum);
    }
  }
  return ok(taking.sum);
};

/** Rows without a text, one after the other from the first on, after which nobody goes on to look for one. */
const mostVain = 100;

class Taking {
  readonly sum = { documents: 0, bytes: 0, rows: 0, empty: 0, files: 0, parts: 0 };
  /** Why rows give no text where none of the first ones did: a field that is not there would be looked for everywhere. */
  vain: string | undefined;
  readonly #request: TakeRequest;
  readonly #files = new Set<string>();
  #unreadable = 0;

  constructor(request: TakeRequest) {
    this.#request = request;
  }

  isEnough(): boolean {
    return this.sum.bytes >= this.#request.bytes && this.sum.documents >= this.#request.documents;
  }

  begin(file: string): void {
    this.sum.files = this.#files.add(file).size;
    this.sum.parts += 1;
  }

  /** The texts among some rows, up to the one with which it is enough. @param before rows of the file before them */
  take(cells: readonly Cell[], file: string, before: number): Taken[] {
    const texts: Taken[] = [];
    for (const [index, cell] of cells.entries()) {
      if (this.isEnough()) break;
      this.sum.rows += 1;
      const name = `${file}:${before + index + 1}`;
      if (!cell.ok) texts.push(this.#unread(name, cell.error));
      else if (cell.value === null || !/\S/.test(cell.value)) this.sum.empty += 1;
      else texts.push(this.#count(name, cell.value));
    }
    return texts;
  }

  #count(name: string, text: string): Taken {
    this.sum.documents += 1;
    this.sum.bytes += Buffer.byteLength(text);
    return { name, text: ok(text) };
  }

  #unread(name: string, why: string): Taken {
    this.#unreadable += 1;
    if (this.sum.documents === 0 && this.#unreadable === mostVain)
      this.vain = `gives no text in its first ${mostVain} rows: the last of them ${why}`;
    return { name, text: err(why) };
  }
}

interface Part {
  readonly file: string;
  readonly firstRow: number;
  readonly cells: AsyncIterable<Result<Cell[], string>>;
}

/** Files that take turns. Of each of them what is known of its groups is kept. */
const atOnce = 64;

async function* partsOf(request: TakeRequest): AsyncGenerator<Result<Part, TakeFlaw>, void> {
  const files = drawn(request.files, ({ name }) => name, request.seed);
  for (let from = 0; from < files.length; from += atOnce) {
    let open = files.slice(from, from + atOnce).map((file) => partsIn(file, request));
    while (open.length > 0) {
      const left: typeof open = [];
      for (const parts of open) {
        const next = await parts.next();
        if (next.done === true) continue;
        yield next.value;
        left.push(parts);
      }
      open = left;
    }
  }
}

async function* partsIn(file: FarFile, { field, seed }: TakeRequest): AsyncGenerator<Result<Part, TakeFlaw>, void> {
  const { name, format } = file;
  const bytes = file.open();
  if (format === "jsonl") {
    yield ok({ file: name, firstRow: 0, cells: readFarLines(bytes, field) });
    return;
  }
  const column = await findTextColumn(bytes, field);
  if (column.ok)
    for (const part of drawnGroups(name, column.value, seed)) yield ok(partOf(name, bytes, column.value, part));
  else yield err({ file: name, why: column.error });
}

const drawnGroups = (file: string, { groups }: TextColumn, seed: number): readonly ColumnPart[] =>
  drawn(groups, ({ group }) => `${file}\n${group}`, seed);

const partOf = (file: string, bytes: FarBytes, { schemaPath }: TextColumn, part: ColumnPart): Part => ({
  file,
  firstRow: part.firstRow,
  cells: readTextColumn(bytes, schemaPath, part),
});

/** In an order that the seed draws, and in which one more changes nothing of the others. */
const drawn = <T>(items: readonly T[], nameOf: (item: T) => string, seed: number): readonly T[] =>
  items
    .map((item) => ({ item, rank: sha256(`${seed}\n${nameOf(item)}`) }))
    .sort((a, b) => byCodeUnit(a.rank, b.rank))
    .map(({ item }) => item);
