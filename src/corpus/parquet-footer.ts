import type { FileMetaData, SchemaTree } from "hyparquet";
import { err, ok, type Result } from "../base/result.ts";
import type { FarBytes } from "./far-bytes.ts";
import { listNames } from "./json-records.ts";

/** A column of texts in one file: how it is written, and where its parts lie. */
export interface TextColumn {
  /** From the root to the leaf. */
  readonly schemaPath: SchemaTree[];
  /** In the order of the file; those without rows are left out. */
  readonly groups: readonly ColumnPart[];
}

/** What a row group holds of the column. */
export interface ColumnPart {
  /** Place of the group in the file, and of its first row, from 0. */
  readonly group: number;
  readonly firstRow: number;
  readonly rows: number;
  /** Bytes of the file from `start` up to `end`. */
  readonly start: number;
  readonly end: number;
  readonly codec: NonNullable<FileMetaData["row_groups"][number]["columns"][number]["meta_data"]>["codec"];
}

/** Length of the footer and the mark, at the end of every file. */
const tailBytes = 8;
/** Most footers come with the first request, bytes. */
const firstBytes = 64 * 1024;
/** Bytes. Of a file with a longer one, reading what is where would take more than the text. */
const longestFooter = 64 * 2 ** 20;

/** Reads what a file says of itself at its end, and looks for a column; errors are the rest of a sentence about the file. */
export const findTextColumn = async (file: FarBytes, field: string): Promise<Result<TextColumn, string>> => {
  const footer = await readFooter(file);
  if (!footer.ok) return footer;
  const { parquetMetadata, parquetSchema } = await import("hyparquet");
  // What a damaged footer gives has any shape, whatever its type says, so all looking at it is inside.
  try {
    // Statistics are not looked at: what they hold is left as it is.
    const parsers = { stringFromBytes: () => undefined };
    const metadata = parquetMetadata(footer.value, { geoparquet: false, parsers });
    const schemaPath = findLeaf(parquetSchema(metadata), field);
    return schemaPath.ok ? partsOf(metadata, schemaPath.value, file.size) : schemaPath;
  } catch (error) {
    return err(`has a damaged footer${saidBy(error)}`);
  }
};

/** What the reader of the format says, which throws plain errors only. */
export const saidBy = (error: unknown): string =>
  error instanceof Error ? ` (${error.message.replace(/^parquet /, "").slice(0, 200)})` : "";

const readFooter = async (file: FarBytes): Promise<Result<Uint8Array, string>> => {
  if (file.size < tailBytes + 4) return err("is no parquet file: it is too short");
  const first = Math.min(file.size, firstBytes);
  const end = await file.read(file.size - first, first);
  if (!end.ok) return end;
  const mark = end.value.toString("latin1", first - 4);
  if (mark === "PARE") return err("is encrypted");
  if (mark !== "PAR1") return err("is no parquet file: its last bytes are others");
  const length = end.value.readUInt32LE(first - tailBytes);
  const whole = length + tailBytes;
  if (length > longestFooter || whole > file.size - 4) return err(`has a damaged footer (${length} bytes long)`);
  if (whole <= first) return ok(end.value.subarray(first - whole));
  const more = await file.read(file.size - whole, whole - first);
  return more.ok ? ok(Buffer.concat([more.value, end.value])) : more;
};

const isRepeated = ({ element }: SchemaTree): boolean => element.repetition_type === "REPEATED";

/** The leaf at a dotted path. A name may have dots itself, so whole paths are compared. */
const findLeaf = (root: SchemaTree, field: string): Result<SchemaTree[], string> => {
  const path = pathTo(root, field);
  const leaf = path?.at(-1);
  if (path === undefined || leaf === undefined)
    return err(`has no column \`${field}\`; it has ${listNames(root.children.map(({ element }) => element.name))}`);
  if (leaf.children.some(isRepeated) || path.some(isRepeated))
    return err(`has lists at \`${field}\`, and not one text`);
  if (leaf.children.length > 0) {
    const inside = leaf.children.map(({ element }) => `${field}.${element.name}`);
    return err(`has a group of columns at \`${field}\`: name one of ${listNames(inside)}`);
  }
  const { type, converted_type: converted } = leaf.element;
  const isText = type === "BYTE_ARRAY" && [undefined, "UTF8", "JSON", "ENUM"].includes(converted);
  return isText ? ok(path) : err(`has no text at \`${field}\` but ${converted ?? type ?? "something else"}`);
};

const pathTo = (node: SchemaTree, field: string): SchemaTree[] | undefined => {
  for (const child of node.children) {
    const name = child.path.join(".");
    if (name === field) return [node, child];
    const deeper = field.startsWith(`${name}.`) ? pathTo(child, field) : undefined;
    if (deeper !== undefined) return [node, ...deeper];
  }
  return undefined;
};

const partsOf = (metadata: FileMetaData, schemaPath: SchemaTree[], size: number): Result<TextColumn, string> => {
  const path = schemaPath.at(-1)?.path.join("\0");
  const groups: ColumnPart[] = [];
  let firstRow = 0;
  for (const [group, { columns, num_rows }] of metadata.row_groups.entries()) {
    const column = columns.find(({ meta_data }) => meta_data?.path_in_schema.join("\0") === path);
    const meta = column?.meta_data;
    if (meta === undefined || column?.file_path !== undefined)
      return err(`lacks the column in its row group ${group + 1}, or keeps it in another file`);
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
    const end = start + Number(meta.total_compressed_size);
    const rows = Number(num_rows);
    const sound = [start, end, rows].every((number) => Number.isSafeInteger(number) && number >= 0);
    if (!sound || start < 4 || end < start || end > size - tailBytes || meta.num_values !== num_rows)
      return err(`has a damaged footer: row group ${group + 1} lies where it cannot`);
    if (rows > 0) groups.push({ group, firstRow, rows, start, end, codec: meta.codec });
    firstRow += rows;
  }
  return ok({ schemaPath, groups });
};
