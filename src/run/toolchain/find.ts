import { join, resolve } from "node:path";
import { err, ok, type Result } from "../../base/result.ts";
import { toolNames, type Toolchain } from "../../base/tool.ts";
import type { BackendWish } from "./backend.ts";
import type { Environment } from "./environment.ts";
import { executableState } from "./executable.ts";
import { useForeign, type ForeignOptions } from "./foreign.ts";
import { readHost } from "./host.ts";
import { findManaged } from "./managed.ts";
import { isRange } from "./version.ts";

/** Where to look, and for what. */
export interface FindOptions {
  /** Value of `--llama-cpp`. */
  readonly option?: string;
  readonly env: Environment;
  /** Directories of `PATH`, absolute. */
  readonly pathDirs: readonly string[];
  /** As npm writes ranges: `>=0.5`. */
  readonly versionRange: string;
  readonly backend: BackendWish;
  readonly cacheDir: string;
  /** How long a tool may take to say what it is; 20 s by default, as loading a GPU driver can take long. */
  readonly timeoutMs?: number;
}

/** The tools, and a line for each place that had some which do not count. */
export interface Found {
  readonly toolchain: Toolchain;
  readonly skipped: readonly string[];
}

const remedy = "pipeline toolchain install";

/**
 * Finds the llama.cpp tools: the directory that was named (`--llama-cpp`, else `LLAMA_CPP_DIR`), else `PATH`, else
 * the managed build. A directory that was named is taken or is an error: to use other tools than those asked for
 * would give other results without a word.
 */
export const findToolchain = async (options: FindOptions): Promise<Result<Found>> => {
  if (!isRange(options.versionRange))
    return err({ reason: "unusable-argument", message: `${options.versionRange} is no version range, such as >=0.5` });
  const host = await readHost();
  const foreign = { ...options, host, timeoutMs: options.timeoutMs ?? 20_000 };
  const named = namedDirectory(options);
  if (named !== undefined) return useNamed(named, { ...foreign, origin: named.origin });
  const skipped: string[] = [];
  for (const directory of options.pathDirs) {
    if (!(await hasSomeTool(directory))) continue;
    const found = await useForeign(directory, { ...foreign, origin: "path" });
    if (found.ok) return ok({ toolchain: found.value, skipped });
    skipped.push(`PATH ${directory}: ${found.error}`);
  }
  const managed = await findManaged({ ...options, host });
  const lines = [...skipped, ...managed.skipped];
  if (managed.toolchain !== undefined) return ok({ toolchain: managed.toolchain, skipped: lines });
  return err({ reason: "toolchain-missing", tried: [...lines, ...emptyPlaces(skipped, managed.skipped)], remedy });
};

/** Every place is named in the failure, also those where nothing was. */
const emptyPlaces = (path: readonly string[], managed: readonly string[]): readonly string[] => [
  "--llama-cpp and LLAMA_CPP_DIR: not given",
  ...(path.length === 0 ? ["PATH: no directory has a llama.cpp tool"] : []),
  ...(managed.length === 0 ? ["managed build: none was made yet"] : []),
];

interface Named {
  readonly directory: string;
  readonly origin: "option" | "environment";
}

const namedDirectory = ({ option, env }: FindOptions): Named | undefined => {
  if (option !== undefined) return { directory: resolve(option), origin: "option" };
  const variable = env["LLAMA_CPP_DIR"];
  if (variable === undefined || variable === "") return undefined;
  return { directory: resolve(variable), origin: "environment" };
};

const useNamed = async ({ directory, origin }: Named, options: ForeignOptions): Promise<Result<Found>> => {
  const found = await useForeign(await toolsBelow(directory), options);
  if (found.ok) return ok({ toolchain: found.value, skipped: [] });
  const flag = origin === "option" ? "--llama-cpp" : "LLAMA_CPP_DIR";
  return err({
    reason: "toolchain-missing",
    tried: [`${flag} ${directory}: ${found.error}`],
    remedy: `${remedy}, and leave ${flag} out`,
  });
};

/** People name the llama.cpp directory as well as the one with the tools in it. */
const toolsBelow = async (directory: string): Promise<string> => {
  for (const place of [directory, join(directory, "bin"), join(directory, "build", "bin")]) {
    if (await hasSomeTool(place)) return place;
  }
  return directory;
};

const hasSomeTool = async (directory: string): Promise<boolean> => {
  const states = await Promise.all(toolNames.map((tool) => executableState(join(directory, tool))));
  return states.some((state) => state !== "missing");
};
