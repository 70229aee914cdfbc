import {
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { basename, dirname, join, relative, sep } from "node:path";
import { makeFolder, writeDurably } from "../../store/durable.ts";
import { isCommit } from "./repository.ts";

/**
 * A repository in the cache that all tools of the Hub share, llama.cpp among them:
 * `models--owner--name/{blobs,refs,snapshots}`. A blob is named by its digest; a snapshot holds links to blobs under the names
 * that the files have in the repository.
 */
export class CachedRepository {
  readonly #cache: string;
  readonly #folder: string;

  /** @param cache absolute; @param repository `owner/name` */
  constructor(cache: string, repository: string) {
    this.#cache = cache;
    this.#folder = `models--${repository.replaceAll("/", "--")}`;
  }

  /** Where a file's bytes are. */
  blob(sha256: string): string {
    return join(this.#cache, this.#folder, "blobs", sha256);
  }

  /** Where tools read it. */
  file(commit: string, path: string): string {
    return join(this.#cache, this.#folder, "snapshots", commit, ...path.split("/"));
  }

  /** Beside those of the Hub's own tools, which lock in a way that Node cannot. */
  lock(sha256: string): string {
    return join(this.#cache, ".locks", this.#folder, `${sha256}.pipeline.lock`);
  }

  /** The commit that a branch or a tag was when it was last looked up; a commit is itself. */
  commit(revision: string): string | undefined {
    if (isCommit(revision)) return revision;
    try {
      const commit = readFileSync(join(this.#cache, this.#folder, "refs", ...revision.split("/")), "utf8").trim();
      return isCommit(commit) ? commit : undefined;
    } catch {
      return undefined;
    }
  }

  /** A file that is there, by its link: its digest is the name of what the link leads to. */
  known(commit: string, path: string): { readonly sha256: string; readonly bytes: number } | undefined {
    const link = this.file(commit, path);
    try {
      const sha256 = basename(readlinkSync(link));
      return /^[0-9a-f]{64}$/.test(sha256) ? { sha256, bytes: statSync(link).size } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Files of a snapshot, with `/`; none where it is not there. */
  files(commit: string): string[] {
    const root = join(this.#cache, this.#folder, "snapshots", commit);
    try {
      return readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) => path.split(sep).join("/"));
    } catch {
      return [];
    }
  }
}

/** Puts the link of a snapshot to its blob where it is not right already. @throws what node:fs throws */
export const linkBlob = (path: string, blob: string): void => {
  if (path === blob) return;
  const to = relative(dirname(path), blob);
  if (linkOf(path) === to) return;
  makeFolder(dirname(path));
  const aside = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  symlinkSync(to, aside);
  try {
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
};

const linkOf = (path: string): string | undefined => {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
};

/** Notes which commit a branch was, as the Hub's own tools do: `--offline` reads it. @throws what node:fs throws */
export const noteRef = (file: string, commit: string): void => {
  if (existsSync(file) && readFileSync(file, "utf8").trim() === commit) return;
  makeFolder(dirname(file));
  writeDurably(file, commit);
};
