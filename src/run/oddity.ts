import type { Oddity } from "../pipeline/reader.ts";

/** What `node:fs` says of something on a disk, as `Stats` and `Dirent` have it in common. */
interface Described {
  readonly isFIFO: () => boolean;
  readonly isSocket: () => boolean;
}

/** What something is that is neither a file nor a directory nor a link. */
export const oddityOf = (described: Described): Oddity =>
  described.isFIFO() ? "pipe" : described.isSocket() ? "socket" : "device";
