import type { Memory } from "../run/load-again.ts";
import { openChecked, type Writes } from "../store/checked.ts";
import { programDigest } from "./program.ts";
import { storeDirectory, type SharedOptions } from "./settings.ts";

/** What is remembered of pipeline files that were loaded before. */
export const pipelineMemory = (
  options: Pick<SharedOptions, "cache" | "cacheReadOnly">,
  writes: Writes = "there",
): Memory => ({
  checked: openChecked(storeDirectory(options), options.cacheReadOnly === true ? "never" : writes),
  program: programDigest(),
  cwd: process.cwd(),
});
