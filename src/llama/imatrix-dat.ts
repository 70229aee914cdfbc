import { ok, type Result } from "../base/result.ts";
import { type FileFlaw, flaw, withFile } from "./bytes.ts";
import { openCursor, type Cursor } from "./cursor.ts";
import type { ImatrixEntry } from "./imatrix-reader.ts";

/** An importance matrix in the older form, `imatrix.dat`. How many tokens reached an expert is not in it. */
export interface LegacyImatrix {
  /** The text's path as it was given to the tool; empty where the file ends before it, as the oldest do. */
  readonly dataset: string;
  readonly chunkCount: number;
  /** Weight → mean squared activation of each input, of all experts one after the other, times `windows`. */
  readonly entries: ReadonlyMap<string, LegacyEntry>;
}

export interface LegacyEntry {
  /** Windows that went in. */
  readonly windows: number;
  readonly values: Float32Array;
}

const limits = { bytes: 2 ** 30, entries: 262_144, nameBytes: 255, pathBytes: 65_536, windows: 2 ** 24 };

/**
 * Reads `imatrix.dat` (common/imatrix-loader.cpp, common_imatrix_load_legacy). The form has no magic number: a file is
 * one when it reads as one to its end.
 */
export const readLegacyImatrix = (path: string): Result<LegacyImatrix, FileFlaw> =>
  withFile(path, (file) => {
    const cursor = openCursor(file, limits.bytes);
    const count = cursor.i32();
    if (count < 1 || count > limits.entries) return flaw("is no importance matrix");
    const entries = new Map<string, LegacyEntry>();
    while (entries.size < count && cursor.why() === undefined) readEntry(cursor, entries);
    const [chunkCount, dataset] = cursor.left() === 0 ? [0, ""] : [cursor.i32(), readName(cursor, limits.pathBytes)];
    if (cursor.left() !== 0) cursor.fail("goes on behind its end");
    const why = cursor.why();
    return why === undefined ? ok({ dataset, chunkCount, entries }) : flaw(`is no whole importance matrix: it ${why}`);
  });

const readName = (cursor: Cursor, most: number): string => {
  const length = cursor.i32();
  if (length < 0 || length > most) cursor.fail(`has a name of ${length} bytes`);
  const view = cursor.take(length);
  return view === undefined ? "" : new TextDecoder().decode(view);
};

const readEntry = (cursor: Cursor, entries: Map<string, LegacyEntry>): void => {
  const name = readName(cursor, limits.nameBytes);
  const [windows, length] = [cursor.i32(), cursor.i32()];
  if (name === "" || entries.has(name)) cursor.fail("has a weight twice or without a name");
  if (windows < 0 || windows > limits.windows || length < 1) cursor.fail(`has ${length} numbers of ${windows} windows`);
  const view = cursor.take(4 * length);
  if (view === undefined) return;
  const values = Float32Array.from({ length }, (_, index) => view.getFloat32(4 * index, true));
  if (!values.every((value) => value >= 0 && value < Infinity)) cursor.fail(`has a sum that is no number for ${name}`);
  entries.set(name, { windows, values });
};

/**
 * The same as sums and counts. Each expert gets the count of its weight: which of them no token reached cannot be told.
 * @param matrices of the weight in the model
 * @param tokens of a window
 */
export const fromLegacy = ({ windows, values }: LegacyEntry, matrices: number, tokens: number): ImatrixEntry => ({
  width: values.length / matrices,
  sums: values.map((value) => value * tokens),
  counts: new Float32Array(matrices).fill(windows * tokens),
});
