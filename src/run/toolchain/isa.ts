import type { Host } from "./host.ts";

/** An instruction set level that code is built for. */
export interface Isa {
  readonly name: string;
  readonly options: readonly string[];
}

interface Level extends Isa {
  readonly runsOn: (host: Host) => boolean;
}

const has = (host: Host, ...names: readonly string[]): boolean => names.every((name) => host.features.has(name));

const x86Options = (value: "ON" | "OFF"): readonly string[] => [
  "GGML_NATIVE=OFF",
  "GGML_SSE42=ON",
  ...["AVX", "AVX2", "FMA", "F16C", "BMI2"].map((name) => `GGML_${name}=${value}`),
];

/**
 * The levels, best first for each kind of machine. Few and fixed, so that machines of one kind build the same code,
 * get the same results and can share a cache.
 */
const levels: readonly Level[] = [
  {
    name: "x86-64-v3",
    options: x86Options("ON"),
    runsOn: (host) => host.arch === "x64" && has(host, "avx2", "fma", "f16c", "bmi2"),
  },
  { name: "x86-64-v2", options: x86Options("OFF"), runsOn: (host) => host.arch === "x64" },
  {
    name: "apple-m1",
    options: ["GGML_NATIVE=OFF", "GGML_CPU_ARM_ARCH=armv8.2-a+dotprod+fp16"],
    runsOn: (host) => host.arch === "arm64" && host.platform === "darwin",
  },
  {
    name: "armv8.2-a+dotprod+fp16",
    options: ["GGML_NATIVE=OFF", "GGML_CPU_ARM_ARCH=armv8.2-a+dotprod+fp16"],
    runsOn: (host) => host.arch === "arm64" && has(host, "asimddp", "fphp", "asimdhp"),
  },
  {
    name: "armv8-a",
    options: ["GGML_NATIVE=OFF", "GGML_CPU_ARM_ARCH=armv8-a"],
    runsOn: (host) => host.arch === "arm64" && host.platform !== "darwin",
  },
];

/** The level to build for. A native build is named after the processor, because that is what its code depends on. */
export const chooseIsa = (host: Host, native: boolean): Isa => {
  if (native) return { name: nativeIsa(host), options: ["GGML_NATIVE=ON"] };
  return levels.find((level) => level.runsOn(host)) ?? { name: host.arch, options: ["GGML_NATIVE=OFF"] };
};

/** Name of code that was built for, or picks itself by, the processor it runs on. */
export const nativeIsa = (host: Host): string => `native:${host.processor}`;

/** Whether code of a level runs here: a cache directory may be shared by unlike machines. */
export const runsHere = (isa: string, host: Host): boolean =>
  isa === nativeIsa(host) || isa === host.arch || levels.some(({ name, runsOn }) => name === isa && runsOn(host));
