/** Writes parquet: PLAIN, not packed, a column of optional texts and one of numbers; what a test needs in each row group. */

/** A value of Thrift's compact protocol, with its type. */
type Field = readonly [id: number, type: number, bytes: Buffer];

const [i32, i64, binary, list, struct] = [5, 6, 8, 9, 12];

const varint = (value: number | bigint): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};
const number = (value: number): Buffer => varint(BigInt(value) * 2n);
const text = (value: string): Buffer => Buffer.concat([varint(Buffer.byteLength(value)), Buffer.from(value)]);
const items = (type: number, values: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([0xf0 | type]), varint(values.length), ...values]);
/** Each field with its whole number, which is longer than need be and always right. */
const record = (...fields: readonly Field[]): Buffer =>
  Buffer.concat([...fields.flatMap(([id, type, bytes]) => [Buffer.from([type]), number(id), bytes]), Buffer.from([0])]);

export interface ParquetOptions {
  /** Rows of a page. */
  readonly page?: number;
  /** Name of the column of texts. */
  readonly column?: string;
  /** Bytes of the other column in each row group: what nobody should read. */
  readonly ballast?: number;
}

/** Where the parts of a row group lie, bytes. */
export interface Lying {
  readonly text: { readonly start: number; readonly end: number };
  readonly ballast: { readonly start: number; readonly end: number };
}

/** Makes a file of row groups; null is a row without a text. */
export const parquetFile = (
  groups: readonly (readonly (string | null)[])[],
  { page = 1000, column = "text", ballast = 0 }: ParquetOptions = {},
): { readonly bytes: Buffer; readonly lying: readonly Lying[]; readonly footer: number } => {
  const parts: Buffer[] = [Buffer.from("PAR1")];
  let at = 4;
  const put = (bytes: Buffer): { start: number; end: number } => {
    parts.push(bytes);
    at += bytes.length;
    return { start: at - bytes.length, end: at };
  };
  const lying = groups.map((rows) => ({
    ballast: put(pageOf(rows.length, Buffer.alloc(Math.max(ballast, 8 * rows.length)))),
    text: put(Buffer.concat(cut(rows, page).map(textPage))),
  }));
  const footer = footerOf(groups, lying, column);
  put(footer);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(footer.length);
  tail.write("PAR1", 4);
  return { bytes: Buffer.concat([...parts, tail]), lying, footer: footer.length + 8 };
};

const cut = <T>(rows: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, index) => rows.slice(index * size, (index + 1) * size));

/** Levels as runs of one value each, then the texts that there are. */
const textPage = (rows: readonly (string | null)[]): Buffer => {
  const levels = Buffer.concat(rows.map((row) => Buffer.from([2, row === null ? 0 : 1])));
  const values = rows.flatMap((row) => (row === null ? [] : [sized(Buffer.from(row))]));
  return pageOf(rows.length, Buffer.concat([sized(levels), ...values]));
};

const sized = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const pageOf = (rows: number, data: Buffer): Buffer => {
  const header = record([1, i32, number(rows)], [2, i32, number(0)], [3, i32, number(3)], [4, i32, number(3)]);
  const sizes = [2, 3].map((id): Field => [id, i32, number(data.length)]);
  return Buffer.concat([record([1, i32, number(0)], ...sizes, [5, struct, header]), data]);
};

const footerOf = (groups: readonly (readonly (string | null)[])[], lying: readonly Lying[], column: string): Buffer => {
  const leaf = (name: string, type: number, repetition: number, ...more: Field[]): Buffer =>
    record([1, i32, number(type)], [3, i32, number(repetition)], [4, binary, text(name)], ...more);
  const schema = [
    record([4, binary, text("schema")], [5, i32, number(2)]),
    leaf("ballast", 2, 0),
    leaf(column, 6, 1, [6, i32, number(0)]),
  ];
  const chunk = (name: string, type: number, rows: number, { start, end }: Lying["text"]): Buffer => {
    const size = number(end - start);
    const meta = record(
      [1, i32, number(type)],
      [2, list, items(i32, [number(0)])],
      [3, list, items(binary, [text(name)])],
      [4, i32, number(0)],
      [5, i64, number(rows)],
      [6, i64, size],
      [7, i64, size],
      [9, i64, number(start)],
    );
    return record([2, i64, number(start)], [3, struct, meta]);
  };
  const rowGroups = groups.map((rows, index) => {
    const place = lying[index];
    if (place === undefined) throw new Error("a group without its place");
    const columns = [chunk("ballast", 2, rows.length, place.ballast), chunk(column, 6, rows.length, place.text)];
    return record([1, list, items(struct, columns)], [2, i64, number(place.text.end)], [3, i64, number(rows.length)]);
  });
  const all = groups.reduce((sum, rows) => sum + rows.length, 0);
  return record(
    [1, i32, number(1)],
    [2, list, items(struct, schema)],
    [3, i64, number(all)],
    [4, list, items(struct, rowGroups)],
  );
};
