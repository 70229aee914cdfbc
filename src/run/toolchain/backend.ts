import { dirname, join } from "node:path";
import { byCodeUnit } from "../../base/canonical.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { command } from "./command.ts";
import { buildEnvironment, type Environment } from "./environment.ts";
import { executableState, onPath } from "./executable.ts";
import type { Host } from "./host.ts";

/** What llama.cpp can be built for here. */
export type Backend = "cpu" | "cuda" | "metal" | "vulkan";
/** `auto` takes what the machine has. */
export type BackendWish = Backend | "auto";

/** A backend, why it was taken, and how it is built. */
export interface BackendChoice {
  readonly backend: Backend;
  /** Completes `building for CUDA: …`. */
  readonly why: string;
  readonly options: readonly string[];
  /** A second compiler that decides the bytes, such as nvcc. */
  readonly compiler?: string;
  /** Added to the environment of the build. */
  readonly env: Readonly<Record<string, string>>;
}

const off = ["GGML_CUDA=OFF", "GGML_METAL=OFF", "GGML_VULKAN=OFF"] as const;
const only = (name: string, ...more: readonly string[]): readonly string[] => [
  ...off.filter((option) => !option.startsWith(`${name}=`)),
  `${name}=ON`,
  ...more,
];

const cpu = (why: string): Result<BackendChoice, string> => ok({ backend: "cpu", why, options: off, env: {} });

/** Finds out what llama.cpp can be built for. The error says what is missing for the backend that was asked for. */
export const detectBackend = async (
  wish: BackendWish,
  host: Host,
  env: Environment,
): Promise<Result<BackendChoice, string>> => {
  if (wish === "cpu") return cpu("asked for");
  if (wish !== "auto") return detectors[wish](host, env);
  const reasons: string[] = [];
  for (const backend of ["metal", "cuda", "vulkan"] as const) {
    const found = await detectors[backend](host, env);
    if (found.ok) return found;
    reasons.push(found.error);
  }
  return cpu(reasons.join("; "));
};

const metal = (host: Host): Promise<Result<BackendChoice, string>> =>
  Promise.resolve(
    host.platform === "darwin" && host.arch === "arm64"
      ? ok({
          backend: "metal",
          why: "Apple silicon",
          options: only("GGML_METAL", "GGML_METAL_EMBED_LIBRARY=ON"),
          env: {},
        })
      : err("no Apple silicon"),
  );

const cuda = async (_host: Host, env: Environment): Promise<Result<BackendChoice, string>> => {
  const cards = await nvidiaCards(env);
  const nvcc = await findNvcc(env);
  if (cards.length === 0)
    return err(nvcc === undefined ? "no NVIDIA GPU" : "nvcc is there, but nvidia-smi shows no GPU");
  if (nvcc === undefined) return err(`${cards[0]?.name ?? "an NVIDIA GPU"} is there, but no nvcc`);
  const { stdout } = await command(nvcc, ["--version"], { env: buildEnvironment(env), timeoutMs: 20_000 });
  const version = /release ([\d.]+, V[\d.]+)/.exec(stdout)?.[1] ?? "of unknown version";
  // Only for the cards that are here: the default list takes many times as long.
  const architectures = [...new Set(cards.map(({ capability }) => capability.replace(".", "")))].sort(byCodeUnit);
  return ok({
    backend: "cuda",
    why: `${cards.map(({ name }) => name).join(", ")} and nvcc ${version}`,
    options: only("GGML_CUDA", `CMAKE_CUDA_ARCHITECTURES=${architectures.join(";")}`),
    compiler: `nvcc ${version}`,
    env: { CUDACXX: nvcc },
  });
};

interface Card {
  readonly name: string;
  readonly capability: string;
}

/** NVIDIA cards with a working driver. */
export const nvidiaCards = async (env: Environment): Promise<readonly Card[]> => {
  const argv = ["--query-gpu=name,compute_cap", "--format=csv,noheader"];
  const { stdout, exitCode } = await command("nvidia-smi", argv, { env: buildEnvironment(env), timeoutMs: 20_000 });
  if (exitCode !== 0) return [];
  return [...stdout.matchAll(/^(.+), (\d+\.\d+)$/gm)].map(([, name = "", capability = ""]) => ({ name, capability }));
};

const findNvcc = async (env: Environment): Promise<string | undefined> => {
  const named = env["CUDACXX"] ?? (await onPath("nvcc", env));
  if (named !== undefined) return named;
  for (const root of [env["CUDA_HOME"], env["CUDA_PATH"], "/usr/local/cuda"]) {
    if (root === undefined) continue;
    const nvcc = join(root, "bin", "nvcc");
    if ((await executableState(nvcc)) === "executable") return nvcc;
  }
  return undefined;
};

const vulkan = async (_host: Host, env: Environment): Promise<Result<BackendChoice, string>> => {
  const glslc = await onPath("glslc", env);
  if (glslc === undefined) return err("no glslc for Vulkan");
  const run = { env: buildEnvironment(env), timeoutMs: 20_000 };
  const { stdout } = await command("vulkaninfo", ["--summary"], run);
  // A processor that plays a graphics card is slower than the CPU code.
  const name = /PHYSICAL_DEVICE_TYPE_(?:DISCRETE|INTEGRATED|VIRTUAL)_GPU\s+deviceName\s+= (.+)/.exec(stdout)?.[1];
  if (name === undefined) return err("vulkaninfo shows no graphics card");
  const roots = [env["VULKAN_SDK"], "/usr", "/usr/local", dirname(dirname(glslc))];
  const headers = roots.map((root) => join(root ?? "/usr", "include", "vulkan", "vulkan.h"));
  const there = await Promise.all(headers.map(executableState));
  if (there.every((state) => state === "missing")) return err("no Vulkan headers");
  return ok({ backend: "vulkan", why: `${name} and glslc`, options: only("GGML_VULKAN"), env: {} });
};

const detectors: Readonly<
  Record<Exclude<Backend, "cpu">, (host: Host, env: Environment) => Promise<Result<BackendChoice, string>>>
> = { metal, cuda, vulkan };
