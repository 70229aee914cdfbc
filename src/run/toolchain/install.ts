import { readFile } from "node:fs/promises";
import type { Emit } from "../../base/event.ts";
import { fileFailure, interruption, type Failure } from "../../base/failure.ts";
import { err, type Result } from "../../base/result.ts";
import type { Toolchain } from "../../base/tool.ts";
import { decideBuild, type BuildPlan, type InstallOptions } from "./build-plan.ts";
import { buildFailed } from "./build-step.ts";
import { acquireLock } from "./lock.ts";
import { makeBuild } from "./make-build.ts";
import { memoFile, useManaged } from "./managed.ts";
import { filesTrouble, readManifest } from "./manifest.ts";
import type { Owner } from "./owner.ts";
import { buildProgress, lastPercent } from "./progress.ts";
import { workspaceAt } from "./workspace.ts";

/**
 * Makes the managed build, or finds it made. Another process that makes the same one is waited for; a build that was
 * killed is taken up where it stopped; what is published is whole and was run.
 */
export const installToolchain = async (options: InstallOptions): Promise<Result<Toolchain>> => {
  try {
    const made = await install(options);
    if (made.ok || !mayFallBack(made.error, options)) return made;
    const message = `the build for an accelerator could not be configured, so it is made for the CPU: ${made.error.message}`;
    options.emit({ type: "notice", level: "warning", message });
    return await install({ ...options, backend: "cpu" });
  } catch (error) {
    return err(fileFailure(error, options.cacheDir, "build llama.cpp"));
  }
};

const mayFallBack = (
  failure: Failure,
  { backend }: InstallOptions,
): failure is Extract<Failure, { reason: "toolchain-build-failed" }> =>
  backend === "auto" && failure.reason === "toolchain-build-failed" && failure.stage === "configure";

const install = async (options: InstallOptions): Promise<Result<Toolchain>> => {
  const plan = await decideBuild(options);
  if (!plan.ok) return plan;
  const there = (await existing(plan.value, options)) ?? (await makeUnderLock(plan.value, options));
  if (there.ok) options.emit({ type: "build", stage: "done", fraction: 1 });
  return there;
};

/** The finished build, when it is there and its files are what was built. */
const existing = async (plan: BuildPlan, { cacheDir, env }: InstallOptions): Promise<Result<Toolchain> | undefined> => {
  const { target: root, host } = plan;
  const manifest = await readManifest(root);
  if (manifest === undefined) return undefined;
  if ((await filesTrouble(root, manifest, memoFile(cacheDir, root))) !== undefined) return undefined;
  const options = { cacheDir, env, host, versionRange: "*", backend: "auto" } as const;
  const used = await useManaged({ root, manifest }, options);
  return used.ok ? used : err(buildFailed("check", used.error));
};

const makeUnderLock = async (plan: BuildPlan, options: InstallOptions): Promise<Result<Toolchain>> => {
  const { signal } = options;
  const onWait = waitReport(plan, options.emit);
  const lock = await acquireLock(`${plan.workspace}.lock`, { signal, onWait });
  if (!lock.ok) return err(interruption(signal));
  try {
    // Made by the process that was waited for.
    const there = await existing(plan, options);
    if (there !== undefined) return there;
    const made = await makeBuild(plan, options.emit, signal);
    return made.ok ? ((await existing(plan, options)) ?? err(buildFailed("check", "the build is damaged"))) : made;
  } finally {
    await lock.value.release();
  }
};

/** Says once who is waited for, and then how far that one is, which its log shows. */
const waitReport = (plan: BuildPlan, emit: Emit): ((owner: Owner) => Promise<void>) => {
  const report = buildProgress(emit);
  let told = 0;
  return async ({ pid, host }) => {
    if (told !== pid) {
      const message = `process ${pid} on ${host} is building the same llama.cpp; waiting for it`;
      emit({ type: "notice", level: "info", message });
    }
    told = pid;
    const log = await readFile(workspaceAt(plan.workspace).log, "utf8").catch(() => "");
    const percent = lastPercent(log);
    if (percent !== undefined) report("compile", percent);
  };
};
