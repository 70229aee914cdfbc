import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { ok, type Result } from "../../base/result.ts";
import { toolNames } from "../../base/tool.ts";
import { buildStep, type BuildContext, type BuildFailure } from "./build-step.ts";
import { lastPercent } from "./progress.ts";
import type { Recipe } from "./recipe.ts";
import type { Workspace } from "./workspace.ts";

/** The cmake command that prepares the build tree. */
export const configureArgv = (recipe: Recipe, work: Workspace): readonly [string, ...string[]] => [
  "cmake",
  "-S",
  work.source,
  "-B",
  work.tree,
  // Progress is read from what this generator prints.
  "-G",
  "Unix Makefiles",
  ...recipe.options.map((option) => `-D${option.replaceAll("<work>", work.root)}`),
];

/** Prepares the build tree. */
export const configure = (recipe: Recipe, context: BuildContext): Promise<Result<string, BuildFailure>> =>
  buildStep("configure", configureArgv(recipe, context.work), context);

/** Compiles the four tools. `onPercent` gets what make prints, 0 to 100. */
export const compile = (
  context: BuildContext,
  onPercent: (percent: number) => void,
): Promise<Result<string, BuildFailure>> => {
  const jobs = `${availableParallelism()}`;
  const argv = ["--build", context.work.tree, "--parallel", jobs, "--target", ...toolNames];
  return buildStep("compile", ["cmake", ...argv], context, (text) => {
    const percent = lastPercent(text);
    if (percent !== undefined) onPercent(percent);
  });
};

/**
 * Configures and compiles. A build that goes on in the tree of a killed one and fails is started over once: what is
 * left there is checked by times only, and may not be what it seems.
 */
export const configureAndCompile = async (
  recipe: Recipe,
  context: BuildContext,
  resumed: boolean,
  report: BuildReport,
): Promise<Result<void, BuildFailure>> => {
  report.configure();
  const configured = await configure(recipe, context);
  const compiled = configured.ok ? await compile(context, report.compile) : configured;
  if (compiled.ok) return ok(undefined);
  if (!resumed || compiled.error.reason !== "toolchain-build-failed") return compiled;
  await rm(context.work.tree, { recursive: true, force: true });
  return configureAndCompile(recipe, context, false, report);
};

/** Told how far the build is. */
export interface BuildReport {
  readonly configure: () => void;
  readonly compile: (percent: number) => void;
}
