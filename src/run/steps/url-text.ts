import { copyFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { formatBytes } from "../../base/units.ts";
import { ok, type Result } from "../../base/result.ts";
import { cacheDirectory } from "../toolchain/cache-directory.ts";
import type { StepContext } from "./step.ts";

/**
 * Fetches a file of text. On its way it lies in the cache directory of the program, so that a run that was killed is gone on
 * with; when it is whole it goes into the store, and nothing of it stays behind.
 */
export const fetchText = async (context: StepContext, url: string, sha256: string): Promise<Result<null>> => {
  const folder = join(cacheDirectory(context.environment), "texts", sha256);
  const target = join(folder, "content");
  const file = { url, sha256, target, lock: join(folder, ".lock") };
  const place = (): void => move(target, context.path("content"));
  const fetched = await context.fetchText(file, place, (done, total) => context.progress(done, total, "bytes"));
  if (!fetched.ok) return fetched;
  const { received, wasted } = fetched.value;
  context.note(`fetched ${formatBytes(received)}${wasted === 0 ? "" : `, of which ${formatBytes(wasted)} in vain`}`);
  return ok(null);
};

/** The store may lie on another disk. */
const move = (from: string, to: string): void => {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error;
    copyFileSync(from, to);
    rmSync(from);
  }
};
