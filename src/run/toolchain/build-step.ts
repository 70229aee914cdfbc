import { appendFile } from "node:fs/promises";
import { interruption, type DiskFull, type Stopped, type ToolchainBuildFailed } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { command } from "./command.ts";
import type { Workspace } from "./workspace.ts";

export type BuildFailure = ToolchainBuildFailed | Stopped | DiskFull;
export type BuildPhase = ToolchainBuildFailed["stage"];

/** What every stage of a build works with. */
export interface BuildContext {
  readonly work: Workspace;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

/** Runs one command of a build with its output in the build log. Gives back what it printed last. */
export const buildStep = async (
  phase: BuildPhase,
  [file, ...argv]: readonly [string, ...string[]],
  context: BuildContext,
  onText?: (text: string) => void,
): Promise<Result<string, BuildFailure>> => {
  const { work, env, signal } = context;
  await appendFile(work.log, `\n$ ${[file, ...argv].join(" ")}\n`);
  let tail = "";
  let written: Promise<void> = Promise.resolve();
  const end = await command(file, argv, {
    env,
    cwd: work.root,
    signal,
    onText: (text) => {
      tail = (tail + text).slice(-20_000);
      written = written.then(() => appendFile(work.log, text));
      onText?.(text);
    },
  });
  await written;
  if (end.cancelled || signal?.aborted === true) return err(interruption(signal));
  if (end.trouble === undefined) return ok(tail);
  if (/No space left on device|Disk quota exceeded/.test(tail)) return err({ reason: "disk-full", path: work.root });
  return err({
    reason: "toolchain-build-failed",
    stage: phase,
    message: [`${file} ${end.trouble}`, ...complaint(tail)].join(": "),
    log: work.log,
  });
};

/** The lines that say what is wrong, and not the last lines, which say that make gave up. */
const complaint = (tail: string): readonly string[] => {
  const lines = tail.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => /\berror\b|fatal|not found/i.test(line) && !/^g?make/.test(line));
  const chosen = errors.length > 0 ? errors.slice(0, 2) : lines.filter((line) => line !== "").slice(-2);
  return chosen.length === 0 ? [] : [chosen.join(" | ").slice(0, 600)];
};

/** A failure that our own checks found. */
export const buildFailed = (stage: BuildPhase, message: string): ToolchainBuildFailed => ({
  reason: "toolchain-build-failed",
  stage,
  message,
});
