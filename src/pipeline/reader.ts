import type { DiskFull, FileTrouble } from "../base/failure.ts";
import type { Result } from "../base/result.ts";

/** All that loading a pipeline asks of a disk, injected so that this room needs none. Paths are absolute. */
export interface Reader {
  /** The file as UTF-8 text, bytes that are no UTF-8 as U+FFFD. */
  readonly readText: (path: string) => Promise<Result<string, FileTrouble | DiskFull>>;
  /** What lies at a path, links followed; anything that is neither file nor directory is `missing`. */
  readonly kind: (path: string) => Promise<"file" | "directory" | "missing">;
  /** Absolute paths of the files below `directory` that match a glob relative to it (`*`, `**`, `?`, `[…]`, `{…}`). */
  readonly glob: (pattern: string, directory: string) => Promise<readonly string[]>;
}
