import { readFileSync } from "node:fs";
import type { Digest } from "../base/ids.ts";
import type { Layout } from "../store/layout.ts";

/**
 * Gives what an object of the store holds as JSON; undefined where it is gone or damaged, which is as good as never made: its
 * step will make it again. @throws what node:fs throws: a disk that cannot be read just now says nothing of the object
 */
export type ReadObject = (digest: Digest) => unknown;

/** Objects never change, so each is read once. */
export const objectReader = (layout: Layout): ReadObject => {
  const read = new Map<Digest, unknown>();
  return (digest) => {
    const found = read.get(digest) ?? parsed(textOf(layout.object(digest)));
    if (found !== undefined) read.set(digest, found);
    return found;
  };
};

const gone = ["ENOENT", "EISDIR", "ENOTDIR", "ELOOP"];

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && gone.includes(String(error.code))) return "";
    throw error;
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
