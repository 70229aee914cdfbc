import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { byCodeUnit, fingerprint } from "../../base/canonical.ts";
import type { Digest } from "../../base/ids.ts";
import { toolNames, type ToolName } from "../../base/tool.ts";
import type { Environment } from "./environment.ts";
import { fileDigest, fileStat, type FileStat } from "./file-facts.ts";
import { librariesOf } from "./libraries.ts";
import { recipeJson, type Recipe } from "./recipe.ts";

export type Identity = Readonly<Record<ToolName, Digest>>;

/** Identity of tools that we did not build, and the files it was read from as they were then. */
export interface ForeignIdentity {
  readonly identity: Identity;
  readonly seen: readonly FileStat[];
}

const forEachTool = async (make: (tool: ToolName) => Digest | Promise<Digest>): Promise<Identity> => {
  const pairs = await Promise.all(toolNames.map(async (tool) => [tool, await make(tool)] as const));
  return Object.fromEntries(pairs) as Identity;
};

/** Identity of a managed build: what it was made from and how, so that two machines which built it alike share results. */
export const managedIdentity = (recipe: Recipe): Promise<Identity> =>
  forEachTool((tool) => fingerprint({ kind: "managed", tool, recipe: recipeJson(recipe) }));

/** Identity of any other toolchain: the bytes of the executable and of the llama and ggml libraries that it loads. */
export const foreignIdentity = async (directory: string, env: Environment): Promise<ForeignIdentity> => {
  const digests = new Map<string, Promise<Digest>>();
  const digestOf = (path: string): Promise<Digest> => {
    const known = digests.get(path) ?? fileDigest(path);
    digests.set(path, known);
    return known;
  };
  const before = new Map<string, FileStat | undefined>();
  const identity = await forEachTool(async (tool) => {
    const executable = join(directory, tool);
    const libraries = await librariesOf(executable, env);
    for (const path of [executable, ...libraries]) before.set(path, await fileStat(path));
    const parts = libraries.map(async (path) => ({ name: basename(path), sha256: await digestOf(path) }));
    return fingerprint({
      kind: "foreign",
      executable: await digestOf(executable),
      libraries: (await Promise.all(parts)).sort((a, b) => byCodeUnit(a.name, b.name)),
    });
  });
  return { identity, seen: [...before.values()].filter((entry) => entry !== undefined) };
};

/**
 * Names of what lies beside the executables, which the stats of known files do not show: a backend that was added
 * later is loaded by name.
 */
export const neighbours = async (directory: string): Promise<readonly string[]> => {
  const home = dirname(await realpath(join(directory, toolNames[0])));
  const listed = await Promise.all(
    [home, join(home, "..", "lib")].map((place) => readdir(place).catch((): string[] => [])),
  );
  return listed.flat().filter((name) => /^lib(?:llama|ggml)/.test(name));
};
