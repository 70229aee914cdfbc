import type { DiskFull, Failure, FileTrouble } from "../base/failure.ts";
import type { Result } from "../base/result.ts";
import type { ModelReference } from "./model-reference.ts";
import type { DatasetReference } from "./dataset-reference.ts";
import type { HubDataset, ModelSource } from "./pipeline.ts";

/** All that loading a pipeline asks of a disk, injected so that this room needs none. Paths are absolute. */
export interface Reader {
  /** The file as UTF-8 text, bytes that are no UTF-8 as U+FFFD. */
  readonly readText: (path: string) => Promise<Result<string, FileTrouble | DiskFull>>;
  /** What lies at a path, links followed. */
  readonly kind: (path: string) => Promise<"file" | "directory" | "missing" | Oddity>;
  /** The path of a file without links on the way; the path itself when there is none. */
  readonly realPath: (path: string) => Promise<string>;
  /** What below `directory` matches a glob relative to it (`*`, `**`, `?`, `[…]`, `{…}`), links followed. */
  readonly glob: (pattern: string, directory: string) => Promise<Globbed>;
  /** Bytes of each file; Infinity where that says nothing: compressed files (by their first bytes), unreadable ones. */
  readonly sizes: (paths: readonly string[]) => Promise<readonly number[]>;
  /** Where the files of a model are that lies in no file of the user's. */
  readonly model: (reference: Exclude<ModelReference, { readonly from: "path" }>) => Promise<ModelAnswer>;
  /** The files of a dataset, as far as they are of a configuration and a split. */
  readonly dataset: (reference: DatasetReference) => Promise<DatasetAnswer>;
  /** The tree of a revision of the repository in a directory; nothing but git's own look-ups is run. */
  readonly git: (repository: string, revision: string) => Promise<GitAnswer>;
}

/** Something that is no file although a glob or a path names it; put into a sentence with `oddName`. */
export type Oddity =
  | "pipe"
  | "socket"
  | "device"
  /** A link to nothing, or to itself. */
  | "broken-link"
  /** What is in it cannot be listed. */
  | "closed-directory"
  /** Links lead to it in so many ways that not all are followed. */
  | "maze"
  /** Its name is not UTF-8, so that nothing can open it. */
  | "foreign-name";

export interface Globbed {
  readonly files: readonly FoundFile[];
  readonly odd: readonly { readonly path: string; readonly kind: Oddity }[];
}

export interface FoundFile {
  readonly path: string;
  /** The same without links: two paths with one real path are one file. */
  readonly real: string;
}

export type ModelAnswer =
  | { readonly source: ModelSource }
  /** What is wrong with the reference, as a sentence without its full stop, and what would be right. */
  | { readonly wrong: string; readonly help: string }
  /** It could not be looked up. */
  | { readonly failure: Failure };

export type DatasetAnswer =
  | { readonly dataset: HubDataset }
  /** The same as of a model, and of which key. */
  | { readonly wrong: string; readonly help: string; readonly at: "dataset" | "config" | "split" }
  | { readonly failure: Failure };

export type GitAnswer =
  /** Hexadecimal object id. */
  | { readonly tree: string }
  | {
      readonly why: "no-repository" | "no-revision" | "no-git" | "not-trusted" | "no-answer";
      /** Branches and tags, for the nearest word. */
      readonly near?: readonly string[];
    };
