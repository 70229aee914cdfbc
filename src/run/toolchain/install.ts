import { readFile } from "node:fs/promises";
import { fileFailure, interruption, type Failure } from "../../base/failure.ts";
import { err, type Result } from "../../base/result.ts";
import type { Toolchain } from "../../base/tool.ts";
import type { Holder } from "../../store/lock-file.ts";
import { takeLock, type Lock } from "../../store/lock.ts";
import { decideBuild, type BuildPlan, type InstallOptions } from "./build-plan.ts";
import { buildFailed } from "./build-step.ts";
import { makeBuild } from "./make-build.ts";
import { memoFile, useManaged } from "./managed.ts";
import { filesTrouble, readManifest } from "./manifest.ts";
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
  const lock = await lockWorkspace(plan, options);
  if (lock === undefined) return err(interruption(signal));
  try {
    // Made by the process that was waited for.
    const there = await existing(plan, options);
    if (there !== undefined) return there;
    const made = await makeBuild(plan, options.emit, signal);
    return made.ok ? ((await existing(plan, options)) ?? err(buildFailed("check", "the build is damaged"))) : made;
  } finally {
    lock.release();
  }
};

/** ms between two looks at how far the build of another process is. */
const lookEvery = 500;

/** Says once who is waited for, and then how far that one is, which its log shows. Undefined when the wait was called off. */
const lockWorkspace = async ({ workspace }: BuildPlan, options: InstallOptions): Promise<Lock | undefined> => {
  const report = buildProgress(options.emit);
  const look = async (): Promise<void> => {
    const percent = lastPercent(await readFile(workspaceAt(workspace).log, "utf8").catch(() => ""));
    if (percent !== undefined) report("compile", percent);
  };
  let watch: NodeJS.Timeout | undefined;
  const onWait = (holder: Holder | undefined): void => {
    options.emit({ type: "notice", level: "info", message: waitsFor(holder) });
    watch ??= setInterval(() => void look(), lookEvery);
  };
  const cancel = options.signal ?? new AbortController().signal;
  try {
    return await takeLock(`${workspace}.lock`, { run: "toolchain install", cancel, onWait });
  } finally {
    clearInterval(watch);
  }
};

const waitsFor = (holder: Holder | undefined): string => {
  const who = holder === undefined ? "another process" : `process ${holder.owner.pid} on ${holder.owner.host}`;
  return `${who} is building the same llama.cpp; waiting for it`;
};
