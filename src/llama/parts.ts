import { basename } from "node:path";
import type { Result } from "../base/result.ts";
import { flaw, type FileFlaw } from "./bytes.ts";
import { checkGguf, readGguf, type Gguf } from "./gguf.ts";
import { joinShards, type NamedHeader } from "./shards.ts";

/**
 * Reads the headers of all files of a model, in the order of their numbers, and checks that each is whole and that they belong
 * together. Steps say which files they have, by whatever names.
 */
export const checkParts = (paths: readonly string[]): Result<Gguf, FileFlaw> => joinParts(paths, checkGguf);

/** The same without a look at the length of the files. */
export const readParts = (paths: readonly string[]): Result<Gguf, FileFlaw> => joinParts(paths, readGguf);

const joinParts = (
  paths: readonly string[],
  read: (path: string) => Result<Gguf, FileFlaw>,
): Result<Gguf, FileFlaw> => {
  const headers: NamedHeader[] = [];
  for (const path of paths) {
    const [gguf, name] = [read(path), basename(path)];
    if (!gguf.ok) return paths.length === 1 ? gguf : flaw(`has a part ${name} that ${gguf.error.why}`);
    headers.push({ name, gguf: gguf.value });
  }
  return joinShards(headers);
};
