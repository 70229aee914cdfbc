import { interruption } from "../base/failure.ts";
import type { Emit } from "../base/event.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Toolchain } from "../base/tool.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { findToolchain, type FindOptions } from "../run/toolchain/find.ts";
import { stderr, stdout } from "./console.ts";
import { environment, isCi, pathDirectories, userCache, type SharedOptions } from "./settings.ts";

/** Where to look for the tools that a pipeline asks for. */
export const findOptions = (
  options: SharedOptions,
  wanted: Pipeline["llamaCpp"] = { version: ">=0.5", backend: "auto" },
): FindOptions => ({
  ...(options.llamaCpp === undefined ? {} : { option: options.llamaCpp }),
  env: environment(),
  pathDirs: pathDirectories(),
  versionRange: wanted.version,
  backend: wanted.backend,
  cacheDir: userCache(),
});

interface EnsureOptions extends SharedOptions {
  readonly yes?: boolean;
}

/**
 * The tools, built when there are none and that is allowed: by `--yes`, in CI, or by the person at the terminal.
 * Tools that were named and cannot be used are never replaced by others.
 */
export const ensureToolchain = async (
  options: EnsureOptions,
  wanted: Pipeline["llamaCpp"],
  emit: Emit,
  signal: AbortSignal,
): Promise<Result<Toolchain>> => {
  const search = findOptions(options, wanted);
  const found = await findToolchain(search);
  if (found.ok) {
    for (const line of found.value.skipped) emit({ type: "notice", level: "info", message: `skipped ${line}` });
    return ok(found.value.toolchain);
  }
  const named = search.option ?? environment()["LLAMA_CPP_DIR"] ?? "";
  if (found.error.reason !== "toolchain-missing" || named !== "") return found;
  if (!(await mayBuild(options, signal))) return signal.aborted ? err(interruption(signal)) : found;
  for (const line of found.error.tried) emit({ type: "notice", level: "info", message: line });
  return buildToolchain({ backend: wanted.backend, native: false }, emit, signal);
};

/** Makes the managed build, or finds it made. */
export const buildToolchain = async (
  build: { readonly backend: Pipeline["llamaCpp"]["backend"]; readonly native: boolean },
  emit: Emit,
  signal: AbortSignal,
): Promise<Result<Toolchain>> => {
  const { installToolchain } = await import("../run/toolchain/install.ts");
  return installToolchain({ ...build, cacheDir: userCache(), env: environment(), emit, signal });
};

const mayBuild = async ({ yes, json }: EnsureOptions, signal: AbortSignal): Promise<boolean> => {
  if (yes === true || isCi()) return true;
  if (json === true || !process.stdin.isTTY || !stdout().isTTY) return false;
  const { createInterface } = await import("node:readline/promises");
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  // Readline takes Ctrl-C for itself; to the rest of the program it is the signal that it is everywhere else.
  ask.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const question = "No llama.cpp tools were found. Build them now (about 4 minutes, once)? [Y/n] ";
  // Ctrl-D closes the question without an answer, and so does a signal: both mean no.
  const closed = new Promise<string>((resolve) =>
    ask.once("close", () => {
      stderr().write("\n");
      resolve("n");
    }),
  );
  const answer = await Promise.race([ask.question(question, { signal }).catch(() => "n"), closed]);
  ask.removeAllListeners("close");
  ask.close();
  return !/^\s*n/i.test(answer);
};
