import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { digest, type Digest } from "../../base/ids.ts";

/** What the file system says of a file. While it is unchanged, so are the bytes. */
export interface FileStat {
  readonly path: string;
  readonly size: string;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
  readonly ino: string;
}

/** Looks at a file, following links. `undefined` when there is none. */
export const fileStat = async (path: string): Promise<FileStat | undefined> => {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) return undefined;
  const { size, mtimeNs, ctimeNs, ino } = found;
  return { path, size: `${size}`, mtimeNs: `${mtimeNs}`, ctimeNs: `${ctimeNs}`, ino: `${ino}` };
};

/** Whether every file still is as it was. */
export const unchanged = async (before: readonly FileStat[]): Promise<boolean> => {
  const now = await Promise.all(before.map(({ path }) => fileStat(path)));
  return JSON.stringify(now) === JSON.stringify(before);
};

/** SHA-256 of a file's bytes, read as a stream. */
export const fileDigest = async (path: string): Promise<Digest> => digest(await hashFile(path, "sha256", "hex"));

/** Any hash of a file's bytes. */
export const hashFile = async (
  path: string,
  algorithm: "sha256" | "sha512",
  encoding: "hex" | "base64",
): Promise<string> => {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest(encoding);
};
