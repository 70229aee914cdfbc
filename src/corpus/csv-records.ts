import { parse, type Parser } from "csv-parse";
import { decodeUtf8 } from "./decode.ts";
import type { Chunk } from "./inflate.ts";
import { groupOf, listNames } from "./json-records.ts";
import {
  documentOf,
  isTabSeparated,
  limitsOf,
  type Limits,
  type NamedFile,
  type Reading,
  type RecordFormat,
} from "./reading.ts";

/**
 * A table with a header line: each row gives one document, its text in the column that the format names. What follows a
 * broken quote is not read, since where a row begins is not known any more.
 */
export async function* readCsv(
  file: NamedFile,
  chunks: AsyncGenerator<Chunk, void>,
  format: RecordFormat,
  maxLength: number,
): AsyncGenerator<Reading[], void> {
  const head = await takeHead(chunks);
  const table = openTable(file, format, maxLength, separatorsOf(file.name, head.ok ? head.value : Buffer.alloc(0)));
  let trouble: string | undefined;
  for (let chunk: Chunk | undefined = head; chunk !== undefined; chunk = await nextOf(chunks)) {
    trouble = chunk.ok ? await table.feed(chunk.value) : table.broken(chunk.error);
    yield table.take();
    if (trouble !== undefined) break;
  }
  trouble ??= await table.end();
  yield table.take();
  table.close();
  if (trouble !== undefined) yield [{ kind: "unreadable", name: file.name, why: trouble }];
}

const nextOf = async (chunks: AsyncGenerator<Chunk, void>): Promise<Chunk | undefined> => {
  const next = await chunks.next();
  return next.done === true ? undefined : next.value;
};

/** Bytes in which the header line is looked for. */
const headBytes = 64 * 1024;

const takeHead = async (chunks: AsyncGenerator<Chunk, void>): Promise<Chunk> => {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < headBytes && !head.includes("\n")) {
    const chunk = await nextOf(chunks);
    if (chunk === undefined) break;
    if (!chunk.ok) return chunk;
    head = Buffer.concat([head, chunk.value]);
  }
  return { ok: true, value: head };
};

interface Separators {
  readonly delimiter: string;
  readonly record_delimiter: string[];
}

/** A tab where the name says so, else what the header has most of outside of quotes; a comma when in doubt. */
const separatorsOf = (name: string, head: Buffer): Separators => {
  const text = head.toString("latin1", 0, headBytes);
  // Both at once, for files that were put together; lone CR, of old Macs, only where there is nothing else.
  const record_delimiter = !text.includes("\n") && text.includes("\r") ? ["\r"] : ["\r\n", "\n"];
  if (isTabSeparated(name)) return { delimiter: "\t", record_delimiter };
  const [header = ""] = text.replaceAll(/"[^"]*"/g, "").split(/[\r\n]/, 1);
  const count = (mark: string): number => header.split(mark).length;
  const delimiter = [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
  return { delimiter, record_delimiter };
};

interface Table {
  /** Takes bytes; what it returns is why nothing more can be read. */
  readonly feed: (bytes: Buffer) => Promise<string | undefined>;
  readonly end: () => Promise<string | undefined>;
  /** The same words with the place up to which the file could be read. */
  readonly broken: (why: string) => string;
  /** The readings since it was last asked. */
  readonly take: () => Reading[];
  readonly close: () => void;
}

interface Columns {
  readonly text: number;
  readonly group: number;
}

const openTable = (file: NamedFile, format: RecordFormat, maxLength: number, separators: Separators): Table => {
  const limits = limitsOf(maxLength);
  const position = openPosition();
  let readings: Reading[] = [];
  let columns: Columns | undefined;
  let missing: string | undefined;

  const onRow = (fields: readonly string[], bytes: number): void => {
    const line = position.line();
    position.reach(bytes);
    if (missing !== undefined) return;
    if (fields.length === 1 && !/\S/.test(fields[0] ?? "")) return;
    if (columns === undefined) {
      columns = findColumns(fields, format);
      if (columns.text < 0) missing = `it has no column \`${format.field}\`; it has ${listNames(fields.map(textOf))}`;
    } else readings.push(readRow(fields, line, columns));
  };
  const readRow = (fields: readonly string[], line: number, { text, group }: Columns): Reading => {
    const name = `${file.name}:${line}`;
    const unreadable = (why: string): Reading => ({ kind: "unreadable", name, why });
    const field = fields[text];
    if (field === undefined) return unreadable(`line ${line} ends before the column \`${format.field}\``);
    const decoded = decodeUtf8(Buffer.from(field, "latin1"));
    if (!decoded.ok) return unreadable(decoded.error.replace(/^it /, `the text at line ${line} `));
    return documentOf(name, groupOf(format.group, groupValue(fields[group]), name), decoded.value, limits);
  };
  const parser = openParser(separators, onRow);
  const settle = (error: Error | null | undefined): string | undefined =>
    missing ?? (error ? wordsOf(error, position.line()) : undefined);
  return {
    feed: async (bytes) => {
      position.add(bytes);
      const trouble = settle(await new Promise((done) => parser.write(bytes, done)));
      return trouble ?? (position.unfinished() > limits.recordBytes ? endless(position.line(), limits) : undefined);
    },
    end: async () => {
      const trouble = settle(await new Promise((done) => parser.end(done)));
      return trouble ?? (columns === undefined ? "it is empty, without a header line" : undefined);
    },
    take: () => {
      const taken = readings;
      readings = [];
      return taken;
    },
    broken: (why) => (position.line() > 1 ? `${why}, after line ${position.line() - 1}` : why),
    close: () => void parser.destroy(),
  };
};

const endless = (line: number, { recordBytes }: Limits): string =>
  `the row that begins at line ${line} does not end within ${recordBytes} bytes, so nothing after it can be read`;

/**
 * The parser gives each row to `onRow` while it is fed, and keeps none: rows of a chunk would be lost with a mistake in
 * the same chunk. Bytes are taken for Latin-1, which has all of them, so that a bad one in a text is not put right
 * unseen, nor one in another column complained of. Its own limit of a record's size does not count empty fields.
 */
const openParser = (separators: Separators, onRow: (fields: readonly string[], bytes: number) => void): Parser => {
  const parser = parse({
    ...separators,
    columns: false,
    encoding: "latin1",
    relax_column_count: true,
    on_record: (fields: readonly string[], { bytes }) => {
      onRow(fields, bytes);
      return null;
    },
  });
  // Whoever writes gets the error too.
  parser.on("error", () => {});
  return parser;
};

const textOf = (field: string): string => Buffer.from(field, "latin1").toString("utf8").trim();

/** Names are compared without white space around them, which spreadsheets leave there. */
const findColumns = (header: readonly string[], { field, group }: RecordFormat): Columns => {
  const names = header.map(textOf);
  return { text: names.indexOf(field.trim()), group: group === undefined ? -1 : names.indexOf(group.trim()) };
};

/** An empty field is no value: rows without a patient are not all one patient's. */
const groupValue = (field: string | undefined): string | undefined =>
  field === undefined || field.trim() === "" ? undefined : textOf(field);

interface Position {
  readonly add: (bytes: Buffer) => void;
  /** Moves on to a byte counted from the start of the file. */
  readonly reach: (offset: number) => void;
  readonly line: () => number;
  readonly unfinished: () => number;
}

/** Counts lines by their newlines: the parser's own number is too high after CR LF inside of quotes. */
const openPosition = (): Position => {
  let newlines: number[] = [];
  let next = 0;
  let line = 1;
  let reached = 0;
  let total = 0;
  return {
    add: (bytes) => {
      newlines = newlines.slice(next);
      next = 0;
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) newlines.push(total + at);
      total += bytes.length;
    },
    reach: (offset) => {
      reached = offset;
      for (; (newlines[next] ?? offset) < offset; next += 1) line += 1;
    },
    line: () => line,
    unfinished: () => total - reached,
  };
};

const quoteFlaws: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "has a quote that is not closed",
  CSV_INVALID_CLOSING_QUOTE: "has a quote in a quoted field that is not written twice",
  INVALID_OPENING_QUOTE: "has a quote in a field that does not begin with one",
};

const wordsOf = (error: Error, line: number): string => {
  const code = "code" in error ? String(error.code) : "";
  const flaw = Object.hasOwn(quoteFlaws, code) ? quoteFlaws[code] : undefined;
  if (flaw === undefined) throw error;
  return `the row that begins at line ${line} ${flaw}, so nothing after it can be read`;
};
