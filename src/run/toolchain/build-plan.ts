import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Emit } from "../../base/event.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { detectBackend, type BackendWish } from "./backend.ts";
import { buildFailed } from "./build-step.ts";
import { buildToolRemedy, buildTools, locateBuildTools, packageManager } from "./build-tools.ts";
import { compilerVersion } from "./compiler.ts";
import { buildEnvironment, type Environment } from "./environment.ts";
import { readHost, type Host } from "./host.ts";
import { chooseIsa } from "./isa.ts";
import { buildsDirectory } from "./managed.ts";
import { buildName, commonOptions, pinnedSource, recipeDigest, type Recipe } from "./recipe.ts";
import { fromRegistry, type Source } from "./source.ts";

/** What is to be built and who is told. */
export interface InstallOptions {
  readonly cacheDir: string;
  /** Build for exactly this processor; the results are then shared with equal processors only. */
  readonly native: boolean;
  readonly backend: BackendWish;
  readonly env: Environment;
  readonly emit: Emit;
  readonly signal?: AbortSignal;
  /** Other sources than the pinned npm package, or another way to them. */
  readonly source?: Source;
}

/** A build that is decided on but not begun. */
export interface BuildPlan {
  readonly recipe: Recipe;
  readonly source: Source;
  readonly host: Host;
  /** Environment of every command of the build. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the finished build goes. */
  readonly target: string;
  readonly workspace: string;
}

/** Looks at the machine and decides what is built, without building anything. */
export const decideBuild = async (options: InstallOptions): Promise<Result<BuildPlan>> => {
  const { env, emit, source = fromRegistry(pinnedSource) } = options;
  const host = await readHost();
  const compilers = await needBuildTools(options);
  if (!compilers.ok) return compilers;
  const choice = await detectBackend(options.backend, host, env);
  if (!choice.ok) return err(buildFailed("configure", `cannot be built for ${options.backend}: ${choice.error}`));
  const isa = chooseIsa(host, options.native);
  const { backend, why, compiler } = choice.value;
  const { CC, CXX } = compilers.value;
  const recipe: Recipe = {
    source: source.pin,
    options: [...commonOptions, ...isa.options, ...choice.value.options],
    compiler: [await compilerVersion(CC, CXX, env), ...(compiler === undefined ? [] : [compiler])].join("; "),
    backend,
    isa: isa.name,
  };
  emit({ type: "notice", level: "info", message: `llama.cpp ${source.pin.tag} for ${backend} (${why}), ${isa.name}` });
  const buildEnv = { ...buildEnvironment(env), ...choice.value.env, CC, CXX };
  return ok({ recipe, source, host, env: buildEnv, ...(await places(options.cacheDir, recipe)) });
};

/** Looked for first: it is better to hear in one second than after a download that cmake is not there. */
const needBuildTools = async ({
  env,
  source,
}: InstallOptions): Promise<Result<{ readonly CC: string; readonly CXX: string }>> => {
  const located = await locateBuildTools(env);
  const needed = buildTools.filter((tool) => tool !== "npm" || source === undefined);
  const missing = needed.filter((tool) => located.get(tool) === undefined);
  const manager = await packageManager();
  const lines = missing.map((tool) => `${tool} is not there (${buildToolRemedy(tool, manager)})`);
  if (lines.length > 0) return err(buildFailed("configure", lines.join("; ")));
  return ok({ CC: located.get("cc") ?? "", CXX: located.get("c++") ?? "" });
};

/** Real paths, because processes are recognized by the directory that they work in. */
const places = async (cacheDir: string, recipe: Recipe): Promise<Pick<BuildPlan, "target" | "workspace">> => {
  await mkdir(buildsDirectory(cacheDir), { recursive: true });
  const builds = await realpath(buildsDirectory(cacheDir));
  const digest = recipeDigest(recipe).slice(0, 12);
  return { target: join(builds, buildName(recipe)), workspace: join(builds, `build-${digest}`) };
};
