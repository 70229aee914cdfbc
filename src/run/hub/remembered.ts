import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder, writeDurably } from "../../store/durable.ts";
import { cacheDirectory } from "../toolchain/cache-directory.ts";
import { isCommit } from "./repository.ts";

/**
 * Listings of a repository by commit, and which commit a branch was when it was last looked up. They are ours: the cache that
 * the Hub's tools share holds files, and neither says how long a file should be nor under which licence it is.
 */
export class Remembered<T extends { readonly commit: string; readonly files: readonly unknown[] }> {
  readonly #folder: string;

  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    kind: "datasets" | "model-listings",
    repository: string,
  ) {
    this.#folder = join(cacheDirectory(environment), kind, repository.replaceAll("/", "--"));
  }

  read(revision: string): T | undefined {
    const commit = isCommit(revision) ? revision : text(this.#ref(revision));
    if (commit === undefined || !isCommit(commit)) return undefined;
    try {
      const listing = JSON.parse(text(join(this.#folder, `${commit}.json`)) ?? "null") as T | null;
      return listing?.commit === commit && Array.isArray(listing.files) ? listing : undefined;
    } catch {
      return undefined;
    }
  }

  /** A place that cannot be written to costs only that it is asked again. */
  write(revision: string, listing: T): void {
    try {
      const files: [string, string][] = [[join(this.#folder, `${listing.commit}.json`), JSON.stringify(listing)]];
      if (revision !== listing.commit) files.push([this.#ref(revision), listing.commit]);
      for (const [path, content] of files) {
        if (text(path) === content) continue;
        makeFolder(dirname(path));
        writeDurably(path, content);
      }
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }

  /** A revision may be any name, so it is not one of a file. */
  #ref(revision: string): string {
    return join(this.#folder, `ref-${Buffer.from(revision).toString("hex").slice(0, 200)}`);
  }
}

const text = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};
