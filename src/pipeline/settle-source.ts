import { resolve } from "node:path";
import type { FoundSource } from "./found.ts";
import { usualRevision } from "./found-git.ts";
import { formatByName } from "./formats.ts";
import type {
  ChatsSource,
  CommandSource,
  DatasetSource,
  FilesSource,
  GitSource,
  Source,
  UrlSource,
} from "./pipeline.ts";
import type { WrittenSource } from "./source-schema.ts";

/** A source of a faultless file with what was found for it: paths absolute, defaults applied. */
export const settledSource = (written: WrittenSource, folder: string, found: FoundSource): Source => {
  const base = common(written);
  const { files, git, prompts, chats, command, stdin, dataset, url } = written;
  if (files !== undefined) return { kind: "files", ...base, ...filesPart(written, found) };
  if (git !== undefined) return { kind: "git", ...base, ...gitPart(written, resolve(folder, git), found) };
  if (prompts !== undefined) return { kind: "prompts", ...base, file: resolve(folder, prompts) };
  if (chats !== undefined) return { kind: "chats", ...base, ...chatsPart(written, folder, found) };
  if (command !== undefined) return { kind: "command", ...base, ...commandPart(written, command, found) };
  if (stdin !== undefined) return { kind: "stdin", ...base, ...records(written), format: stdin, file: null };
  if (dataset !== undefined) return { kind: "dataset", ...base, ...datasetPart(written, found) };
  if (url !== undefined) return { kind: "url", ...base, ...urlPart(written, url) };
  throw new Error(`Internal error: the source ${base.id} has no kind`);
};

const common = (written: WrittenSource) => ({
  id: written.id,
  domain: written.domain,
  share: written.share,
  license: written.license ?? null,
  maxTokens: written["max-tokens"] ?? null,
  holdoutOnly: written["holdout-only"],
});

type Base = ReturnType<typeof common> & { readonly kind: string };
type Part<S extends Source> = Omit<S, keyof Base>;

const records = ({ field, group }: WrittenSource) => ({ field: field ?? null, group: group ?? null });

const filesPart = (written: WrittenSource, { files = [] }: FoundSource): Part<FilesSource> => ({
  ...records(written),
  files,
  format: written.format ?? "auto",
});

const gitPart = (written: WrittenSource, repository: string, { tree }: FoundSource): Part<GitSource> => {
  if (tree === undefined) throw new Error(`Internal error: the git source ${written.id} has no tree`);
  const { revision = usualRevision, include = "**", exclude = [] } = written;
  return { repository, revision, tree, include: list(include), exclude: list(exclude) };
};

const list = (globs: string | readonly string[]): readonly string[] => (typeof globs === "string" ? [globs] : globs);

const chatsPart = (written: WrittenSource, folder: string, { files = [] }: FoundSource): Part<ChatsSource> => ({
  ...records(written),
  files,
  template: written.template === undefined ? null : resolve(folder, written.template),
});

const commandPart = (
  written: WrittenSource,
  argv: readonly string[],
  { inputs = [] }: FoundSource,
): Part<CommandSource> => {
  const { format = "text" } = written;
  if (format === "auto") throw new Error(`Internal error: the command source ${written.id} has no format`);
  return { ...records(written), argv, inputs, format };
};

/** Its card says under which licence it is, where the file does not. */
const datasetPart = (
  written: WrittenSource,
  { dataset }: FoundSource,
): Part<DatasetSource> & Pick<DatasetSource, "license"> => {
  if (dataset === undefined) throw new Error(`Internal error: the source ${written.id} has no dataset`);
  return {
    field: written.field ?? null,
    config: written.config ?? null,
    split: written.split,
    take: written.take ?? null,
    license: written.license ?? dataset.license,
    dataset,
  };
};

const urlPart = (written: WrittenSource, url: string): Part<UrlSource> => {
  const { format = "auto", sha256 } = written;
  if (sha256 === undefined) throw new Error(`Internal error: the source ${written.id} has no digest`);
  const { pathname } = new URL(url);
  return { ...records(written), url, sha256, format: format === "auto" ? formatByName(pathname).format : format };
};
