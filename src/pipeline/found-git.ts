import { resolve } from "node:path";
import { noteValue, type Path } from "./locate.ts";
import type { GitAnswer } from "./reader.ts";
import { isThere, type Search } from "./search.ts";
import { excerpt, nearest } from "./words.ts";

/** The revision of a git source that names none. */
export const usualRevision = "HEAD";

interface Asked {
  /** Places of the repository and of the revision. */
  readonly repository: { readonly written: string; readonly at: Path };
  readonly revision: { readonly written: string; readonly at: Path };
}

/** The tree of a git source; undefined when there is none, which is noted. */
export const findTree = async (search: Search, asked: Asked): Promise<string | undefined> => {
  const { written, at } = asked.repository;
  if (isUrl(written)) {
    const message = `\`${excerpt(withoutUser(written))}\` is a URL, not a path`;
    search.notes.push(noteValue(search.sheet, at, message, { help: "clone it first and give its path" }));
    return undefined;
  }
  if (!(await isThere(search, "directory", at, written))) return undefined;
  const answer = await search.reader.git(resolve(search.folder, written), asked.revision.written);
  if ("tree" in answer) return answer.tree;
  search.notes.push(refusal(search, asked, answer));
  return undefined;
};

/** `https://…`, `ssh://…`, `git@host:path`. */
const isUrl = (written: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(written) || /^[\w.-]+@[\w.-]+:/.test(written);

/** A URL may hold a password, and messages end up in logs. */
const withoutUser = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");

type Refusal = Exclude<GitAnswer, { readonly tree: string }>;

const refusal = (search: Search, asked: Asked, { why, near = [] }: Refusal) => {
  const { sheet } = search;
  const { written: path, at } = asked.repository;
  if (why === "no-revision") return noRevision(search, asked, near);
  const { says, help } = wordings[why];
  return noteValue(sheet, at, says(path), { help });
};

const wordings: Readonly<
  Record<Exclude<Refusal["why"], "no-revision">, { readonly says: (path: string) => string; readonly help: string }>
> = {
  "no-repository": {
    says: (path) => `\`${path}\` is no git repository`,
    help: "give the directory that holds `.git`, or a bare repository",
  },
  "no-git": { says: () => "git is needed to read a repository, and it cannot be started", help: "install git" },
  "not-trusted": {
    says: (path) => `git does not trust \`${path}\`, which belongs to another user`,
    help: "add it to git's setting `safe.directory` if you do",
  },
  "no-answer": { says: (path) => `git gave no answer about \`${path}\` in time`, help: "try again" },
};

const noRevision = ({ sheet }: Search, { repository, revision }: Asked, names: readonly string[]) => {
  const { written, at } = revision;
  const near = nearest(
    written,
    names.filter((name) => name !== written),
  );
  const help = near === undefined ? "a branch, a tag or a commit that it has" : `did you mean \`${near}\`?`;
  return noteValue(sheet, at, `\`${repository.written}\` has no revision \`${written}\``, { help });
};
