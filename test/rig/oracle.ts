import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fingerprint } from "../../src/base/canonical.ts";
import type { Result } from "../../src/base/result.ts";
import { buildStep, type BuildContext, type BuildFailure } from "../../src/run/toolchain/build-step.ts";
import { cacheDirectory } from "../../src/run/toolchain/cache-directory.ts";
import { buildEnvironment } from "../../src/run/toolchain/environment.ts";
import { hashFile } from "../../src/run/toolchain/file-facts.ts";
import { commonOptions, pinnedSource } from "../../src/run/toolchain/recipe.ts";
import { fetchSource, fromRegistry, unpackSource } from "../../src/run/toolchain/source.ts";
import { workspaceAt, type Workspace } from "../../src/run/toolchain/workspace.ts";
import { takeLock } from "../../src/store/lock.ts";

/** llama.cpp's own account of its memory, built from the source that the managed tools are built from. */
export interface Oracle {
  readonly fitParams: string;
  /** Serves the processor as if it were a GPU. */
  readonly rpcServer: string;
  /** `memory-probe.cpp`: bytes by buffer type of one configuration. */
  readonly probe: string;
}

const options = [...commonOptions, "GGML_NATIVE=OFF", "GGML_RPC=ON"];
const targets = ["llama-fit-params", "ggml-rpc-server"] as const;
const probeSource = fileURLToPath(new URL("memory-probe.cpp", import.meta.url));
/** In the order in which they need each other. */
const libraries = [
  "src/libllama.a",
  "ggml/src/libggml.a",
  "ggml/src/ggml-rpc/libggml-rpc.a",
  "ggml/src/libggml-cpu.a",
  "ggml/src/libggml-base.a",
];

/** Finds the oracle in the user's cache directory, or builds it there once (some minutes); others wait meanwhile. */
export const oracle = async (): Promise<Oracle> => {
  const name = `oracle-${fingerprint({ options, integrity: pinnedSource.integrity }).slice(0, 12)}`;
  const work = workspaceIn(join(cacheDirectory(process.env), name));
  const probe = join(work.root, `probe-${(await hashFile(probeSource, "sha256", "hex")).slice(0, 12)}`);
  const [fitParams, rpcServer] = targets.map((target) => join(work.root, target)) as [string, string];
  if (![fitParams, rpcServer, probe].every((path) => existsSync(path))) await underLock(work, () => build(work, probe));
  return { fitParams, rpcServer, probe };
};

const workspaceIn = (root: string): Workspace => {
  mkdirSync(root, { recursive: true });
  return workspaceAt(realpathSync(root));
};

const underLock = async (work: Workspace, action: () => Promise<void>): Promise<void> => {
  const lock = await takeLock(`${work.root}.lock`, { run: "oracle", cancel: new AbortController().signal });
  try {
    await action();
  } finally {
    lock?.release();
  }
};

const build = async (work: Workspace, probe: string): Promise<void> => {
  const context: BuildContext = { work, env: buildEnvironment(process.env), signal: undefined };
  await writeFile(work.log, "");
  const missing = targets.filter((target) => !existsSync(join(work.root, target)));
  if (missing.length > 0) await buildTargets(context);
  if (!existsSync(probe)) await buildProbe(context, probe);
};

const buildTargets = async (context: BuildContext): Promise<void> => {
  const { work } = context;
  must(await fetchSource(fromRegistry(pinnedSource), context));
  must(await unpackSource(context));
  const defines = options.map((option) => `-D${option.replaceAll("<work>", work.root)}`);
  must(await buildStep("configure", ["cmake", "-S", work.source, "-B", work.tree, ...defines], context));
  const argv = ["--build", work.tree, "--parallel", "2", "--target", ...targets];
  must(await buildStep("compile", ["cmake", ...argv], context));
  for (const target of targets) await rename(join(work.tree, "bin", target), join(work.root, target));
};

const buildProbe = async (context: BuildContext, probe: string): Promise<void> => {
  const { work } = context;
  const folders = ["include", "src", "ggml/include"].map((folder) => `-I${join(work.source, folder)}`);
  const linked = libraries.map((library) => join(work.tree, library));
  const argv = ["-std=c++17", "-O1", ...folders, probeSource, "-o", `${probe}.new`, ...linked];
  must(await buildStep("compile", ["c++", ...argv, "-fopenmp", "-lpthread", "-ldl"], context));
  await rename(`${probe}.new`, probe);
};

/** In a test there is nothing to do about a build that fails but to say so. */
const must = (result: Result<unknown, BuildFailure>): void => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
};
