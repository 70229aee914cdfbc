import { hash } from "node:crypto";
import { digest, type Digest } from "./ids.ts";

/** JSON data. Numbers are finite; `undefined` has no place in a key. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/**
 * One text for one value: object names sorted by UTF-16 code unit, no white space, names kept. Two different
 * documents never share a text, and neither locale nor insertion order enters it. (Sorting with `localeCompare`
 * was rejected: its order depends on the user's locale.)
 */
export const canonical = (value: Json): string => {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return canonicalNumber(value);
  if (isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const names = Object.keys(value).sort(byCodeUnit);
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(",")}}`;
};

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

const canonicalNumber = (value: number): string => {
  if (!Number.isFinite(value)) throw new Error(`Internal error: ${value} in a key document`);
  return JSON.stringify(value);
};

/** Order that is the same on every machine. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const sha256 = (bytes: string | Uint8Array): Digest => digest(hash("sha256", bytes, "hex"));

/** SHA-256 of the canonical text of `value`. */
export const fingerprint = (value: Json): Digest => sha256(canonical(value));
