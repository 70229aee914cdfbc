import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import type { GitAnswer } from "../pipeline/reader.ts";
import { command, type CommandEnd } from "./toolchain/command.ts";

/** Milliseconds; reading one reference takes a few of them even in a large repository on a network. */
const patience = 60_000;

/** Branches and tags that are looked at for the nearest name. */
const mostNames = 10_000;

/** The tree of a revision in a repository. A repository may be hostile, so git only looks things up in it. */
export const gitTree = async (
  repository: string,
  revision: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<GitAnswer> => {
  const git = await gitIn(repository, environment);
  const tree = await git("rev-parse", "--verify", "--end-of-options", `${revision}^{tree}`);
  const oid = tree.stdout.trim();
  if (tree.exitCode === 0 && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(oid)) return { tree: oid };
  if (tree.exitCode === undefined) return { why: tree.timedOut ? "no-answer" : "no-git" };
  const place = await git("rev-parse", "--git-dir");
  if (place.exitCode !== 0) return { why: /dubious ownership/.test(place.stderr) ? "not-trusted" : "no-repository" };
  const names = await git(
    "for-each-ref",
    `--count=${mostNames}`,
    "--format=%(refname:short)",
    "refs/heads",
    "refs/tags",
  );
  return { why: "no-revision", near: names.stdout.split("\n").filter((name) => name !== "") };
};

const gitIn = async (repository: string, environment: Readonly<Record<string, string | undefined>>) => {
  const env = await environmentOfGit(repository, environment);
  return (...argv: readonly string[]): Promise<CommandEnd> =>
    command("git", argv, { env, cwd: repository, timeoutMs: patience });
};

/** The same environment for whoever reads the tree later. */
export const environmentOfGit = async (
  repository: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> => gitEnvironment(environment, await realpath(repository).catch(() => repository));

/** Settings of the user are read (which repositories are trusted stands there); variables that redirect git are not. */
const gitEnvironment = (
  { PATH = "", HOME }: Readonly<Record<string, string | undefined>>,
  directory: string,
): Record<string, string> => ({
  PATH,
  ...(HOME === undefined ? {} : { HOME }),
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  // A directory inside another repository is not that repository.
  GIT_CEILING_DIRECTORIES: dirname(directory),
  // A repository that lacks objects must not have git fetch them: its settings name the program that would do it.
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
  // The tree that a commit names, not one that was put in its place.
  GIT_NO_REPLACE_OBJECTS: "1",
});
