import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { decodeText } from "../../corpus/decode.ts";
import type { Reading } from "../../corpus/reading.ts";

/** Readings are handed on in batches of about so many bytes. */
const batchBytes = 2 ** 20;

/**
 * Documents of `git cat-file --batch`: for each object a line `<oid> blob <size>`, the bytes and a newline.
 * @param content path of what git printed
 * @param names path of the JSON list of the files' names, in the same order
 */
export function* readBlobs(content: string, names: string, maxLength: number): Generator<Reading[]> {
  const file = openSync(content, "r");
  try {
    let batch: Reading[] = [];
    let [offset, bytes] = [0, 0];
    for (const name of JSON.parse(readFileSync(names, "utf8")) as string[]) {
      const { start, size } = headAt(file, offset);
      batch.push(size > 4 * maxLength ? { kind: "too-long", name } : readBlob(file, start, size, name, maxLength));
      offset = start + size + 1;
      bytes += size;
      if (bytes < batchBytes) continue;
      yield batch;
      [batch, bytes] = [[], 0];
    }
    yield batch;
  } finally {
    closeSync(file);
  }
}

/** Longer than any head: 64 digits, the type and a size. */
const longestHead = 128;

const headAt = (file: number, offset: number): { readonly start: number; readonly size: number } => {
  const bytes = Buffer.alloc(Math.min(longestHead, Math.max(0, fstatSync(file).size - offset)));
  readSync(file, bytes, 0, bytes.length, offset);
  const match = /^[0-9a-f]+ blob (\d+)\n/.exec(bytes.toString("latin1"));
  if (match?.[1] === undefined) throw new Error("Internal error: git printed fewer objects than it was asked for");
  return { start: offset + match[0].length, size: Number(match[1]) };
};

const readBlob = (file: number, start: number, size: number, name: string, maxLength: number): Reading => {
  const bytes = Buffer.alloc(size);
  readSync(file, bytes, 0, size, start);
  const text = decodeText(bytes);
  if (!text.ok) return { kind: "unreadable", name, why: text.error };
  return text.value.length > maxLength
    ? { kind: "too-long", name }
    : { kind: "document", name, group: name, text: text.value };
};
