import type { Cursor } from "./cursor.ts";

/** A metadata value with its type in the file. 64-bit numbers are bigint; arrays do not nest. */
export type GgufValue =
  | { readonly type: SmallNumber; readonly value: number }
  | { readonly type: "u64" | "i64"; readonly value: bigint }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  /** Booleans are 0 and 1. */
  | { readonly type: "numbers"; readonly of: SmallNumber | "u64" | "i64" | "bool"; readonly value: Float64Array };

type SmallNumber = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "f32" | "f64";

/** `enum gguf_type` in ggml/include/gguf.h; 8 is a string, 9 an array. */
const numeric: ReadonlyMap<number, NumericType> = new Map<number, NumericType>([
  [0, { name: "u8", bytes: 1, get: (view, at) => view.getUint8(at) }],
  [1, { name: "i8", bytes: 1, get: (view, at) => view.getInt8(at) }],
  [2, { name: "u16", bytes: 2, get: (view, at) => view.getUint16(at, true) }],
  [3, { name: "i16", bytes: 2, get: (view, at) => view.getInt16(at, true) }],
  [4, { name: "u32", bytes: 4, get: (view, at) => view.getUint32(at, true) }],
  [5, { name: "i32", bytes: 4, get: (view, at) => view.getInt32(at, true) }],
  [6, { name: "f32", bytes: 4, get: (view, at) => view.getFloat32(at, true) }],
  [7, { name: "bool", bytes: 1, get: (view, at) => view.getUint8(at) }],
  [10, { name: "u64", bytes: 8, get: (view, at) => Number(view.getBigUint64(at, true)) }],
  [11, { name: "i64", bytes: 8, get: (view, at) => Number(view.getBigInt64(at, true)) }],
  [12, { name: "f64", bytes: 8, get: (view, at) => view.getFloat64(at, true) }],
]);

interface NumericType {
  readonly name: SmallNumber | "u64" | "i64" | "bool";
  readonly bytes: number;
  readonly get: (view: DataView, at: number) => number;
}

/** A chat template can have some hundred kilobytes. */
const longestText = 16 * 1024 * 1024;

/** Reads a value with its type before it; undefined after a flaw. `key` is for messages. */
export const readValue = (cursor: Cursor, key: string): GgufValue | undefined => {
  const type = cursor.u32();
  const value =
    type === 8 ? readText(cursor, key) : type === 9 ? readArray(cursor, key) : readNumber(cursor, key, type);
  return cursor.why() === undefined ? value : undefined;
};

const readText = (cursor: Cursor, key: string): GgufValue => ({
  type: "string",
  value: cursor.text(`a value of ${key}`, longestText),
});

const readNumber = (cursor: Cursor, key: string, number: number): GgufValue | undefined => {
  const type = numeric.get(number);
  if (type === undefined) cursor.fail(`has the key ${key} of the unknown type ${number}`);
  const view = cursor.take(type?.bytes ?? 0);
  if (type === undefined || view === undefined) return undefined;
  if (type.name === "u64") return { type: type.name, value: view.getBigUint64(0, true) };
  if (type.name === "i64") return { type: type.name, value: view.getBigInt64(0, true) };
  const value = type.get(view, 0);
  return type.name === "bool" ? { type: type.name, value: value !== 0 } : { type: type.name, value };
};

const readArray = (cursor: Cursor, key: string): GgufValue | undefined => {
  const number = cursor.u32();
  const length = cursor.count(`${key} with a length`);
  const type = numeric.get(number);
  // A string takes eight bytes at least, for its length.
  const bytes = length * (type?.bytes ?? 8);
  cursor.spend(length);
  if (bytes > cursor.left()) cursor.fail(`ends within the array ${key}`);
  if (number === 9) cursor.fail(`has the array ${key} of arrays`);
  else if (type === undefined && number !== 8) cursor.fail(`has the array ${key} of the unknown type ${number}`);
  if (cursor.why() !== undefined) return undefined;
  return type === undefined ? readTexts(cursor, key, length) : readNumbers(cursor, type, length);
};

const readTexts = (cursor: Cursor, key: string, length: number): GgufValue => {
  const texts: string[] = [];
  while (texts.length < length && cursor.why() === undefined) {
    texts.push(cursor.text(`an element of ${key}`, longestText));
  }
  return { type: "strings", value: texts };
};

const readNumbers = (cursor: Cursor, type: NumericType, length: number): GgufValue | undefined => {
  const view = cursor.take(length * type.bytes);
  if (view === undefined) return undefined;
  const numbers = new Float64Array(length);
  for (let index = 0; index < length; index += 1) numbers[index] = type.get(view, index * type.bytes);
  return { type: "numbers", of: type.name, value: numbers };
};

type Metadata = ReadonlyMap<string, GgufValue>;

export const textValue = (metadata: Metadata, key: string): string | undefined => {
  const entry = metadata.get(key);
  return entry?.type === "string" ? entry.value : undefined;
};

/** Any number that a double holds exactly. */
export const numberValue = (metadata: Metadata, key: string): number | undefined => {
  const value = metadata.get(key)?.value;
  if (typeof value === "number") return value;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
};

export const flagValue = (metadata: Metadata, key: string): boolean | undefined => {
  const entry = metadata.get(key);
  return entry?.type === "bool" ? entry.value : undefined;
};

export const textsValue = (metadata: Metadata, key: string): readonly string[] | undefined => {
  const entry = metadata.get(key);
  return entry?.type === "strings" ? entry.value : undefined;
};

export const numbersValue = (metadata: Metadata, key: string): Float64Array | undefined => {
  const entry = metadata.get(key);
  return entry?.type === "numbers" ? entry.value : undefined;
};
