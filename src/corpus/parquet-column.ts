import type { Compressors, DataReader, DecodedArray, PageHeader, ParquetParsers, SchemaTree } from "hyparquet";
import { err, ok, type Result } from "../base/result.ts";
import { decodeUtf8 } from "./decode.ts";
import { ReadAhead, type FarBytes } from "./far-bytes.ts";
import { openCodecs } from "./parquet-codecs.ts";
import { saidBy, type ColumnPart } from "./parquet-footer.ts";

/** What a row has: a text, nothing, or something that is no text, as the rest of a sentence. */
export type Cell = Result<string | null, string>;

/** Bytes of a page, packed or not. Writers make them of about 1 MiB; one with a single long text is as long as that. */
const longestPage = 256 * 2 ** 20;
/** Values of a page. */
const mostValues = 2 ** 24;
/** Bytes of a page's header, which may hold the least and the largest text of it. */
const longestHeader = 16 * 2 ** 20;

/**
 * The texts of a column in one row group, page by page, each only when the one before it was taken: of a group of gigabytes
 * no more is read than is wanted. The reader of the package takes a whole group at once. After an error, the rest of a
 * sentence about the file, nothing follows.
 */
export async function* readTextColumn(
  file: FarBytes,
  schemaPath: SchemaTree[],
  part: ColumnPart,
): AsyncGenerator<Result<Cell[], string>, void> {
  const bytes = new ReadAhead(file, part.end);
  const decode = await openDecoder(schemaPath, part);
  for (let [at, rows] = [part.start, 0]; rows < part.rows;) {
    const page = await nextPage(bytes, at);
    const cells = page.ok ? decode(page.value, part.rows - rows) : page;
    yield cells.ok ? cells : err(`${cells.error}, in its row group ${part.group + 1}`);
    if (!page.ok || !cells.ok) return;
    at = page.value.end;
    rows += cells.value.length;
  }
}

interface Page {
  readonly header: PageHeader;
  readonly bytes: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

const nextPage = async (file: ReadAhead, at: number): Promise<Result<Page, string>> => {
  const head = await nextHeader(file, at);
  if (!head.ok) return head;
  const { header, length } = head.value;
  const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
  const fits = [packed, unpacked].every((size) => Number.isInteger(size) && size >= 0 && size <= longestPage);
  if (!fits || at + length + packed > file.size)
    return err(`has a page of ${packed} bytes (${unpacked} unpacked) that cannot be`);
  const bytes = await file.read(at + length, packed);
  return bytes.ok ? ok({ header, bytes: bytes.value, end: at + length + packed }) : bytes;
};

/** A header does not say how long it is: where it could not be read to its end, more of it is looked at. */
const nextHeader = async (
  file: ReadAhead,
  at: number,
): Promise<Result<{ readonly header: PageHeader; readonly length: number }, string>> => {
  const { parquetHeader } = await import("hyparquet/src/column.js");
  for (let wanted = 1024; ; wanted *= 8) {
    const front = await file.read(at, wanted);
    if (!front.ok) return front;
    if (front.value.length === 0) return err("ends before all its rows");
    const reader = readerOf(front.value);
    try {
      const header = parquetHeader(reader);
      return ok({ header, length: reader.offset });
    } catch (error) {
      if (front.value.length < wanted || wanted > longestHeader) return err(`has a damaged page${saidBy(error)}`);
    }
  }
};

const readerOf = (bytes: Uint8Array): DataReader => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

type Decode = (page: Page, rowsLeft: number) => Result<Cell[], string>;

const openDecoder = async (schemaPath: SchemaTree[], { codec }: ColumnPart): Promise<Decode> => {
  const [{ readPage }, { convert, DEFAULT_PARSERS }] = await Promise.all([
    import("hyparquet/src/column.js"),
    import("hyparquet/src/convert.js"),
  ]);
  const decoder = await columnDecoder(schemaPath, codec, DEFAULT_PARSERS);
  let dictionary: DecodedArray | undefined;
  return ({ header, bytes }, rowsLeft) => {
    if (header.type === "INDEX_PAGE") return ok([]);
    const flaw = valuesFlaw(header, rowsLeft);
    if (flaw !== undefined) return err(flaw);
    try {
      const { data = [] } = readPage(readerOf(bytes), header, decoder, dictionary, undefined, 0);
      if (header.type !== "DICTIONARY_PAGE") return cellsOf(data, valuesIn(header));
      dictionary = convert(data, decoder);
      return ok([]);
    } catch (error) {
      return err(`has a page that cannot be read${saidBy(error)}`);
    }
  };
};

const asTheyAre = (bytes: Uint8Array): Uint8Array => bytes;

/** Texts stay bytes here: the package would put a mark where they are no UTF-8, and say nothing of it. */
const columnDecoder = async (schemaPath: SchemaTree[], codec: ColumnPart["codec"], parsers: ParquetParsers) => {
  const leaf = schemaPath.at(-1);
  if (leaf?.element.type === undefined) throw new Error("Internal error: a column without a type");
  const compressors: Compressors = await openCodecs();
  return {
    pathInSchema: leaf.path,
    type: leaf.element.type,
    element: leaf.element,
    schemaPath,
    codec,
    compressors,
    parsers: { ...parsers, stringFromBytes: asTheyAre, jsonFromBytes: asTheyAre },
  };
};

const valuesIn = ({
  data_page_header: first,
  data_page_header_v2: second,
  dictionary_page_header: words,
}: PageHeader) => (first ?? second ?? words)?.num_values ?? -1;

/** Checked before anything of that size is made. */
const valuesFlaw = (header: PageHeader, rowsLeft: number): string | undefined => {
  const values = valuesIn(header);
  const most = header.type === "DICTIONARY_PAGE" ? header.uncompressed_page_size : rowsLeft;
  const fits = Number.isInteger(values) && values >= 0 && values <= Math.min(most, mostValues);
  return fits ? undefined : `has a page of ${values} values that cannot be`;
};

const cellsOf = (data: DecodedArray, values: number): Result<Cell[], string> => {
  if (data.length !== values) return err(`has a page of ${data.length} values instead of ${values}`);
  const cells = Array.from(data, cellOf);
  return cells.includes(undefined) ? err("has a page that points beyond its dictionary") : ok(cells as Cell[]);
};

/** Columns inside of groups come in a list for each group that may be missing. Undefined: there should be a value. */
const cellOf = (value: unknown): Cell | undefined => {
  if (Array.isArray(value)) return value.length === 0 ? ok(null) : cellOf(value[0]);
  if (value === null) return ok(null);
  return value instanceof Uint8Array ? decodeUtf8(value) : undefined;
};
