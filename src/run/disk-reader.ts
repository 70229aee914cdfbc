import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { lstat, readFile, realpath, stat } from "node:fs/promises";
import { fileFailure } from "../base/failure.ts";
import { err, ok } from "../base/result.ts";
import type { Reader } from "../pipeline/reader.ts";
import { globDisk } from "./disk-glob.ts";
import { gitTree } from "./git-tree.ts";
import { oddityOf } from "./oddity.ts";

/** The disk, as loading a pipeline sees it; `environment` says where git is and where its settings are. */
export const makeDiskReader = (environment: Readonly<Record<string, string | undefined>>): Reader => ({
  readText: async (path) => {
    try {
      return ok(await readFile(path, "utf8"));
    } catch (error) {
      return err(fileFailure(error, path, "read"));
    }
  },
  kind: async (path) => {
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined) return (await isLink(path)) ? "broken-link" : "missing";
    return stats.isFile() ? "file" : stats.isDirectory() ? "directory" : oddityOf(stats);
  },
  realPath: (path) => realpath(path).catch(() => path),
  glob: async (pattern, directory) => globDisk(pattern, directory),
  sizes: async (paths) => paths.map((path) => sizeOf(path)),
  model: async (reference) => (await import("./hub/find-model.ts")).findModel(reference, environment),
  dataset: async (reference) => (await import("./hub/find-dataset.ts")).findDataset(reference, environment),
  git: (repository, revision) => gitTree(repository, revision, environment),
});

const isLink = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true;

/** First bytes of gzip and Zstandard. */
const compressions = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

const sizeOf = (path: string): number => {
  let handle: number | undefined;
  try {
    // A pipe that has taken the file's place since must not block.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const head = Buffer.alloc(4);
    readSync(handle, head, 0, head.length, 0);
    const compressed = compressions.some((magic) => head.subarray(0, magic.length).equals(magic));
    return compressed ? Infinity : fstatSync(handle).size;
  } catch {
    return Infinity;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
};
