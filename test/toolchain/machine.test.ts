import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detectBackend, type BackendChoice } from "../../src/run/toolchain/backend.ts";
import { buildToolRemedy, packageManagerOf } from "../../src/run/toolchain/build-tools.ts";
import { cacheDirectory } from "../../src/run/toolchain/cache-directory.ts";
import { backendOf, parseDevices } from "../../src/run/toolchain/device.ts";
import { buildEnvironment } from "../../src/run/toolchain/environment.ts";
import { readHost, type Host } from "../../src/run/toolchain/host.ts";
import { chooseIsa, nativeIsa, runsHere } from "../../src/run/toolchain/isa.ts";
import { parseVersion, versionTrouble } from "../../src/run/toolchain/version.ts";
import { executable, scratch } from "./fake-tools.ts";

const host = (platform: NodeJS.Platform, arch: string, ...features: readonly string[]): Host => ({
  platform,
  arch,
  features: new Set(features),
  processor: "0123456789ab",
});
const v3 = host("linux", "x64", "sse4_2", "avx", "avx2", "fma", "f16c", "bmi2");
const v2 = host("linux", "x64", "sse4_2", "avx");

test("the cache directory follows XDG_CACHE_HOME when it is absolute", () => {
  expect(cacheDirectory({ HOME: "/h", XDG_CACHE_HOME: "/c" }, "linux")).toBe("/c/gguf-pipeline");
  expect(cacheDirectory({ HOME: "/h", XDG_CACHE_HOME: "c" }, "linux")).toBe("/h/.cache/gguf-pipeline");
  expect(cacheDirectory({ HOME: "/h" }, "linux")).toBe("/h/.cache/gguf-pipeline");
  expect(cacheDirectory({ HOME: "/h", XDG_CACHE_HOME: "/c" }, "darwin")).toBe("/h/Library/Caches/gguf-pipeline");
});

test.each<[Host, string]>([
  [v3, "x86-64-v3"],
  [v2, "x86-64-v2"],
  [host("darwin", "arm64"), "apple-m1"],
  [host("linux", "arm64", "asimddp", "fphp", "asimdhp"), "armv8.2-a+dotprod+fp16"],
  [host("linux", "arm64"), "armv8-a"],
])("%# each kind of machine has one level", (machine, name) => {
  const isa = chooseIsa(machine, false);
  expect(isa.name).toBe(name);
  expect(isa.options).toContain("GGML_NATIVE=OFF");
  expect(runsHere(name, machine)).toBe(true);
});

test("code for a newer processor, or native code of another, does not run here", () => {
  expect(runsHere("x86-64-v3", v2)).toBe(false);
  expect(runsHere("x86-64-v2", v3)).toBe(true);
  expect(chooseIsa(v3, true)).toEqual({ name: "native:0123456789ab", options: ["GGML_NATIVE=ON"] });
  expect(runsHere(nativeIsa(v3), v3)).toBe(true);
  expect(runsHere("native:ffffffffffff", v3)).toBe(false);
});

test("this machine's processor is named the same each time", async () => {
  expect((await readHost()).processor).toBe((await readHost()).processor);
});

const version = (output: string): ReturnType<typeof parseVersion> => parseVersion(output);

test("versions are read as they are printed", () => {
  const text = "0.5.0-dev (build 1, commit de3ff81)";
  expect(version(`noise\nversion: ${text}\nbuilt with GNU`)).toEqual({ text, release: "0.5.0" });
  expect(version("version: 4567 (abc)")).toEqual({ text: "build 4567 (abc)", release: "0.0.0" });
  expect(version("version: unknown")).toBeUndefined();
  expect(version("")).toBeUndefined();
  expect(versionTrouble({ text, release: "0.5.0" }, ">=0.5")).toBeUndefined();
  expect(versionTrouble({ text, release: "0.5.0" }, ">=0.5.0")).toBeUndefined();
});

test("devices are read from --list-devices", () => {
  const two =
    "Available devices:\n  CUDA0: NVIDIA H200 (143771 MiB, 1 MiB free)\n  CUDA1: NVIDIA L4 (24 MiB, 1 MiB free)\n";
  expect(backendOf(parseDevices(two))).toEqual({ backend: "cuda", device: "NVIDIA H200 + NVIDIA L4" });
  expect(backendOf(parseDevices("Available devices:\n  (none)\n"))).toEqual({ backend: "cpu", device: "cpu" });
  expect(backendOf([{ id: "BLAS", name: "Accelerate" }]).backend).toBe("cpu");
  expect(backendOf([{ id: "MTL0", name: "Apple M1" }]).backend).toBe("metal");
  expect(backendOf([{ id: "ROCm0", name: "Radeon" }])).toEqual({ backend: "unknown", device: "Radeon" });
});

/** A PATH with these scripts only. */
const machine = async (scripts: Readonly<Record<string, string>>): Promise<Record<string, string>> => {
  const bin = await scratch();
  for (const [name, script] of Object.entries(scripts)) await executable(join(bin, name), script);
  return { PATH: bin, HOME: bin };
};
const smi = "echo 'NVIDIA H200, 9.0'; echo 'NVIDIA L4, 8.9'; echo 'NVIDIA L4, 8.9'";
const nvcc = "echo 'Cuda compilation tools, release 12.4, V12.4.131'";

const detect = async (scripts: Readonly<Record<string, string>>): Promise<BackendChoice> => {
  const found = await detectBackend("auto", v3, await machine(scripts));
  if (!found.ok) throw new Error(found.error);
  return found.value;
};

test("a card and its compiler make a CUDA build, for these cards", async () => {
  const choice = await detect({ "nvidia-smi": smi, nvcc });
  expect(choice).toMatchObject({ backend: "cuda", compiler: "nvcc 12.4, V12.4.131" });
  expect(choice.why).toBe("NVIDIA H200, NVIDIA L4, NVIDIA L4 and nvcc 12.4, V12.4.131");
  expect(choice.options).toEqual([
    "GGML_METAL=OFF",
    "GGML_VULKAN=OFF",
    "GGML_CUDA=ON",
    "CMAKE_CUDA_ARCHITECTURES=89;90",
  ]);
});

test("a CPU build says what was missing for a better one", async () => {
  expect((await detect({})).why).toBe("no Apple silicon; no NVIDIA GPU; no glslc for Vulkan");
  expect((await detect({ nvcc, "nvidia-smi": "exit 9" })).why).toContain("nvcc is there, but nvidia-smi shows no GPU");
  const lone = await detectBackend("cuda", v3, await machine({ "nvidia-smi": smi, nvcc: "exit 0" }));
  expect(lone).toMatchObject({ ok: true, value: { compiler: "nvcc of unknown version" } });
});

const vulkaninfo = (type: string): string =>
  `printf 'GPU0:\\n\\tdeviceType         = PHYSICAL_DEVICE_TYPE_${type}\\n\\tdeviceName         = Radeon\\n'`;

test("Vulkan needs a real card and the headers", async () => {
  const env = await machine({ glslc: "exit 0", vulkaninfo: vulkaninfo("DISCRETE_GPU") });
  const sdk = await scratch();
  await mkdir(join(sdk, "include", "vulkan"), { recursive: true });
  await writeFile(join(sdk, "include", "vulkan", "vulkan.h"), "");
  const found = await detectBackend("auto", v3, { ...env, VULKAN_SDK: sdk });
  expect(found).toMatchObject({ ok: true, value: { backend: "vulkan", why: "Radeon and glslc" } });
  const soft = await detect({ glslc: "exit 0", vulkaninfo: vulkaninfo("CPU") });
  expect(soft).toMatchObject({ backend: "cpu", why: expect.stringContaining("no graphics card") as string });
});

test("Metal is taken on Apple silicon", async () => {
  expect(await detectBackend("auto", host("darwin", "arm64"), await machine({}))).toMatchObject({
    value: { backend: "metal" },
  });
});

test("what would change the bytes of a build does not reach it", () => {
  const env = buildEnvironment({
    PATH: "/bin",
    CFLAGS: "-O0",
    CXXFLAGS: "-march=native",
    CMAKE_GENERATOR: "Ninja",
    CMAKE_PREFIX_PATH: "/nix",
    GIT_DIR: "/elsewhere",
    GGML_NATIVE: "ON",
    MAKEFLAGS: "-j64",
    LANG: "de_DE.UTF-8",
    HTTPS_PROXY: "http://proxy",
    npm_config_registry: "https://mirror",
  });
  expect(Object.keys(env).sort()).toEqual([
    "CMAKE_PREFIX_PATH",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_TERMINAL_PROMPT",
    "HTTPS_PROXY",
    "LC_ALL",
    "PATH",
    "npm_config_registry",
  ]);
});

test.each([
  ["ID=ubuntu\nID_LIKE=debian\n", "sudo apt-get install -y g++"],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', "sudo dnf install -y gcc-c++"],
  ["ID=arch\n", "sudo pacman -S --needed gcc"],
  ["ID=alpine\n", "sudo apk add g++"],
  ['ID="opensuse-leap"\n', "sudo zypper install -y gcc-c++"],
  ["ID=plan9\n", "install g++"],
])("%# a missing compiler has its line", (osRelease, line) => {
  expect(buildToolRemedy("c++", packageManagerOf(osRelease))).toBe(line);
});

test("on macOS compilers come from Xcode and the rest from Homebrew", () => {
  expect(buildToolRemedy("c++", "brew")).toBe("xcode-select --install");
  expect(buildToolRemedy("cmake", "brew")).toBe("brew install cmake");
});
