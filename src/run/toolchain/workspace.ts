import { mkdir, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bootId } from "./boot.ts";
import { command } from "./command.ts";

/** Directory that one managed build is made in. It outlives a killed build, and the next one goes on in it. */
export interface Workspace {
  readonly root: string;
  /** The fetched npm package. */
  readonly tarball: string;
  /** Sources of llama.cpp. */
  readonly source: string;
  /** What cmake makes. */
  readonly tree: string;
  readonly log: string;
  /** What becomes the finished build. */
  readonly result: string;
}

/** Names of the parts of a workspace. */
export const workspaceAt = (root: string): Workspace => ({
  root,
  tarball: join(root, "package.tgz"),
  source: join(root, "source"),
  tree: join(root, "tree"),
  log: join(root, "build.log"),
  result: join(root, "result"),
});

/**
 * Makes the workspace ready, whatever a build that was killed left there: its compilers are ended, and outputs that
 * may be cut short are removed. `resumed` says that compiled code of an earlier build is reused.
 */
export const openWorkspace = async (root: string): Promise<Workspace & { readonly resumed: boolean }> => {
  const work = workspaceAt(root);
  await mkdir(root, { recursive: true });
  await endOrphans(root);
  await rm(work.result, { recursive: true, force: true });
  const bootFile = join(root, "boot");
  const before = await readFile(bootFile, "utf8").catch(() => undefined);
  const now = await bootId();
  // A crash of the machine may leave empty files with good names and new times.
  if (before === now) await dropNewest(work.tree);
  else await rm(work.tree, { recursive: true, force: true });
  await writeFile(bootFile, now);
  const resumed = await stat(join(work.tree, "CMakeCache.txt")).then(
    () => true,
    () => false,
  );
  return { ...work, resumed };
};

/** A compiler that is killed may leave part of a file, which make would take for finished: it looks at times only. */
const dropNewest = async (tree: string): Promise<void> => {
  const names = await readdir(tree, { recursive: true }).catch(() => []);
  const outputs = names.filter((name) => /\.(?:o|o\.d|d|a)$/.test(name) || /(?:^|\/)bin\/[^/]+$/.test(name));
  const files = await Promise.all(
    outputs.map(async (name) => ({ path: join(tree, name), time: (await stat(join(tree, name))).mtimeMs })),
  );
  const newest = Math.max(...files.map(({ time }) => time));
  const doubtful = files.filter(({ time }) => time > newest - 5000);
  await Promise.all(doubtful.map(({ path }) => rm(path, { force: true })));
};

/** Ends what still works in a workspace whose owner is gone: two compilers must not write the same files. */
const endOrphans = async (root: string): Promise<void> => {
  for (let round = 0; round < 40; round += 1) {
    const pids = process.platform === "linux" ? await workingIn(root) : await mentioning(root);
    if (pids.length === 0) return;
    // Asked first, so that a compiler removes its unfinished output; a stopped one has to be woken to hear it.
    for (const pid of pids) for (const name of endingSignals(round)) send(pid, name);
    await sleep(250);
  }
};

const endingSignals = (round: number): readonly NodeJS.Signals[] => (round < 20 ? ["SIGTERM", "SIGCONT"] : ["SIGKILL"]);

const send = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself, or is another user's.
  }
};

const workingIn = async (root: string): Promise<readonly number[]> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const place = await readlink(`/proc/${pid}/cwd`).catch(() => "");
      return place === root || place.startsWith(root + sep) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
};

/** Where a process's directory cannot be read, its command line tells: builds name their files by whole paths. */
const mentioning = async (root: string): Promise<readonly number[]> => {
  const env = { PATH: "/usr/bin:/bin" };
  const { stdout } = await command("ps", ["-axo", "pid=,command="], { env, timeoutMs: 10_000 });
  const lines = stdout.split("\n").filter((line) => line.includes(root + sep));
  return lines.map((line) => Number.parseInt(line, 10)).filter((pid) => pid > 1 && pid !== process.pid);
};
