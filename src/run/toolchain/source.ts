import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "../../base/result.ts";
import { buildFailed, buildStep, type BuildContext, type BuildFailure } from "./build-step.ts";
import { hashFile } from "./file-facts.ts";
import type { SourcePin } from "./recipe.ts";

/** Where the sources come from. Another `fetch` takes them from a file or a mirror; the pin is checked all the same. */
export interface Source {
  readonly pin: SourcePin;
  /** Puts the package's tarball into the directory; its path. */
  readonly fetch: (directory: string, context: BuildContext) => Promise<Result<string, BuildFailure>>;
}

/** The package from the registry that npm is set up for. */
export const fromRegistry = (pin: SourcePin): Source => ({
  pin,
  fetch: async (directory, context) => {
    const argv = ["pack", `${pin.package}@${pin.version}`, "--ignore-scripts", "--json", "--loglevel=error"] as const;
    const packed = await buildStep("fetch", ["npm", ...argv, "--pack-destination", directory], context);
    if (!packed.ok) return packed;
    const name = (await readdir(directory)).find((entry) => entry.endsWith(".tgz"));
    return name === undefined ? err(buildFailed("fetch", "npm pack made no tarball")) : ok(join(directory, name));
  },
});

/** Puts the verified tarball into the workspace; one that is there already is verified again and kept. */
export const fetchSource = async (source: Source, context: BuildContext): Promise<Result<void, BuildFailure>> => {
  const { tarball, root } = context.work;
  if (await exists(tarball)) {
    if ((await integrityOf(tarball)) === source.pin.integrity) return ok(undefined);
    await rm(tarball, { force: true });
  }
  const temporary = await mkdtemp(join(root, "fetch-"));
  try {
    const fetched = await source.fetch(temporary, context);
    if (!fetched.ok) return fetched;
    const got = await integrityOf(fetched.value);
    if (got !== source.pin.integrity) return err(buildFailed("fetch", mismatch(source.pin, got)));
    await rename(fetched.value, tarball);
    return ok(undefined);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
};

const integrityOf = async (path: string): Promise<string> => `sha512-${await hashFile(path, "sha512", "base64")}`;

const mismatch = (pin: SourcePin, got: string): string =>
  `${pin.package}@${pin.version} is not the package that was pinned: its integrity is ${got}, not ${pin.integrity}; it was not unpacked`;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Unpacks the bundle and clones it. The clone appears under its name only when it is whole. */
export const unpackSource = async (context: BuildContext): Promise<Result<void, BuildFailure>> => {
  const { tarball, root, source } = context.work;
  if (await exists(source)) return ok(undefined);
  const temporary = join(root, "unpack");
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary);
  const bundle = "package/llama/gitRelease.bundle";
  const extracted = await buildStep("unpack", ["tar", "-xzf", tarball, "-C", temporary, bundle], context);
  if (!extracted.ok) return extracted;
  const clone = join(temporary, "clone");
  const argv = ["-c", "core.autocrlf=false", "clone", "--quiet", join(temporary, bundle), clone] as const;
  const cloned = await buildStep("unpack", ["git", ...argv], context);
  if (!cloned.ok) return cloned;
  await rename(clone, source);
  await rm(temporary, { recursive: true, force: true });
  return ok(undefined);
};

/** Commit of the clone. */
export const sourceCommit = async (context: BuildContext): Promise<Result<string, BuildFailure>> => {
  const said = await buildStep("unpack", ["git", "-C", context.work.source, "rev-parse", "HEAD"], context);
  if (!said.ok) return said;
  const commit = /^[0-9a-f]{40}$/m.exec(said.value)?.[0];
  return commit === undefined ? err(buildFailed("unpack", "git names no commit of the sources")) : ok(commit);
};
