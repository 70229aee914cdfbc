import { rm, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Emit } from "../../base/event.ts";
import type { DiskFull } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { BuildPlan } from "./build-plan.ts";
import type { BuildContext, BuildFailure } from "./build-step.ts";
import { configureAndCompile } from "./compile.ts";
import { buildProgress } from "./progress.ts";
import { assemble, publish } from "./publish.ts";
import { fetchSource, sourceCommit, unpackSource } from "./source.ts";
import { openWorkspace } from "./workspace.ts";

/** Makes and publishes a build, going on in the workspace where a killed one stopped. The lock must be held. */
export const makeBuild = async (
  plan: BuildPlan,
  emit: Emit,
  signal: AbortSignal | undefined,
): Promise<Result<void, BuildFailure>> => {
  const full = await diskTrouble(plan);
  if (full !== undefined) return err(full);
  const work = await openWorkspace(plan.workspace);
  await writeFile(work.log, "");
  const context: BuildContext = { work, env: plan.env, signal };
  const built = await build(plan, context, work.resumed, buildProgress(emit));
  if (!built.ok) return built;
  await publish(work.result, plan.target, join(work.root, "discarded"));
  await rm(work.root, { recursive: true, force: true });
  return ok(undefined);
};

const build = async (
  plan: BuildPlan,
  context: BuildContext,
  resumed: boolean,
  report: ReturnType<typeof buildProgress>,
): Promise<Result<void, BuildFailure>> => {
  report("fetch");
  const fetched = await fetchSource(plan.source, context);
  if (!fetched.ok) return fetched;
  report("unpack");
  const unpacked = await unpackSource(context);
  if (!unpacked.ok) return unpacked;
  const commit = await sourceCommit(context);
  if (!commit.ok) return commit;
  const compiled = await configureAndCompile(plan.recipe, context, resumed, {
    configure: () => report("configure"),
    compile: (percent) => report("compile", percent),
  });
  if (!compiled.ok) return compiled;
  report("check");
  const manifest = await assemble(plan.recipe, commit.value, context);
  return manifest.ok ? ok(undefined) : manifest;
};

/** A CPU build takes 0.4 GB while it is made and 40 MB afterwards; code for accelerators is far larger. */
const diskTrouble = async ({ recipe, workspace }: BuildPlan): Promise<DiskFull | undefined> => {
  const { bavail, bsize } = await statfs(dirname(workspace));
  const free = bavail * bsize;
  return free < (recipe.backend === "cpu" ? 0.6e9 : 4e9) ? { reason: "disk-full", path: workspace, free } : undefined;
};
