import { dirname, resolve } from "node:path";
import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { EndedRun } from "../report/ended.ts";
import { formatJUnit } from "../report/junit.ts";
import { makeFolder, writeDurably } from "../store/durable.ts";

/** Writes the file that `--junit` names, if it names one. */
export const writeJUnit = (file: string | undefined, ended: EndedRun): Result<null> => {
  if (file === undefined) return ok(null);
  try {
    makeFolder(dirname(resolve(file)));
    writeDurably(file, formatJUnit(ended));
    return ok(null);
  } catch (error) {
    return err(fileFailure(error, file, "write"));
  }
};
