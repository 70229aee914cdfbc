import { accessSync, constants, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { EndedRun } from "../report/ended.ts";
import { makeFolder, writeDurably } from "../store/durable.ts";
import { unusable } from "./read-report.ts";

/** Whether the file that `--junit` names can be written: a run of hours must not end in a place that cannot be. */
export const prepareJUnit = (file: string | undefined): Result<null> => {
  if (file === undefined) return ok(null);
  const folder = dirname(resolve(file));
  try {
    makeFolder(folder);
    // With a dot, so that a file in the place of the folder is refused.
    accessSync(join(folder, "/") + ".", constants.W_OK);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true) return ok(null);
    return unusable(`--junit ${file} is a directory; name a file`);
  } catch (error) {
    return err(fileFailure(error, file, "write"));
  }
};

/** Writes that file, if there is to be one. */
export const writeJUnit = async (file: string | undefined, ended: EndedRun): Promise<Result<null>> => {
  const prepared = prepareJUnit(file);
  if (file === undefined || !prepared.ok) return prepared;
  const { formatJUnit } = await import("../report/junit.ts");
  try {
    writeDurably(file, formatJUnit(ended));
    return ok(null);
  } catch (error) {
    return err(fileFailure(error, file, "write"));
  }
};
