import { readFile, stat } from "node:fs/promises";
import { glob } from "tinyglobby";
import { byCodeUnit } from "../base/canonical.ts";
import { fileFailure } from "../base/failure.ts";
import { err, ok } from "../base/result.ts";
import type { Reader } from "../pipeline/reader.ts";

/** The disk, as loading a pipeline sees it. */
export const diskReader: Reader = {
  readText: async (path) => {
    try {
      return ok(await readFile(path, "utf8"));
    } catch (error) {
      return err(fileFailure(error, path, "read"));
    }
  },
  kind: async (path) => {
    const stats = await stat(path).catch(() => undefined);
    return stats?.isFile() === true ? "file" : stats?.isDirectory() === true ? "directory" : "missing";
  },
  glob: async (pattern, directory) => {
    const found = await glob(pattern, { cwd: directory, absolute: true, dot: false, expandDirectories: false });
    return found.sort(byCodeUnit);
  },
};
