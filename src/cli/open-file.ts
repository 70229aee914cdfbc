import open from "open";
import { err, ok, type Result } from "../base/result.ts";

/** Shows a file in the program that the desktop has for it, and does not wait for that. */
export const openFile = async (path: string): Promise<Result<null>> => {
  try {
    await open(path);
    return ok(null);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err({ reason: "unusable-argument", message: `--open found no program to show ${path}: ${why}` });
  }
};
