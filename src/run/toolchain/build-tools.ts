import { readFile } from "node:fs/promises";
import type { Environment } from "./environment.ts";
import { onPath } from "./executable.ts";

/** Programs that building llama.cpp needs. */
export const buildTools = ["cmake", "make", "c++", "cc", "git", "npm", "tar"] as const;
export type BuildTool = (typeof buildTools)[number];

/** How this machine installs programs. */
export type PackageManager = "apt" | "dnf" | "pacman" | "apk" | "zypper" | "brew" | "unknown";

const byDistribution: readonly (readonly [RegExp, PackageManager])[] = [
  [/\b(?:debian|ubuntu)\b/, "apt"],
  [/\b(?:fedora|rhel|centos)\b/, "dnf"],
  [/\barch\b/, "pacman"],
  [/\balpine\b/, "apk"],
  [/\bsuse\b|\bopensuse/, "zypper"],
];

/** Reads `ID` and `ID_LIKE` of an os-release file. */
export const packageManagerOf = (osRelease: string): PackageManager => {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].map(([, id]) => id ?? "").join(" ");
  return byDistribution.find(([pattern]) => pattern.test(ids))?.[1] ?? "unknown";
};

/** The package manager of this machine. */
export const packageManager = async (platform: NodeJS.Platform = process.platform): Promise<PackageManager> =>
  platform === "darwin" ? "brew" : packageManagerOf(await readFile("/etc/os-release", "utf8").catch(() => ""));

const commands: Readonly<Record<Exclude<PackageManager, "unknown">, string>> = {
  apt: "sudo apt-get install -y",
  dnf: "sudo dnf install -y",
  pacman: "sudo pacman -S --needed",
  apk: "sudo apk add",
  zypper: "sudo zypper install -y",
  brew: "brew install",
};

/** Packages that have another name than the program: by manager, else under `any`. */
const packages: Readonly<Partial<Record<BuildTool, Readonly<Partial<Record<PackageManager | "any", string>>>>>> = {
  "c++": { apt: "g++", dnf: "gcc-c++", zypper: "gcc-c++", pacman: "gcc", apk: "g++", any: "g++" },
  cc: { any: "gcc" },
  npm: { brew: "node", pacman: "npm", any: "npm" },
};
const fromXcode: ReadonlySet<BuildTool> = new Set(["c++", "cc", "make", "git"]);

/** The one line that installs a program that building needs. */
export const buildToolRemedy = (tool: BuildTool, manager: PackageManager): string => {
  if (manager === "brew" && fromXcode.has(tool)) return "xcode-select --install";
  const name = packages[tool]?.[manager] ?? packages[tool]?.any ?? tool;
  return manager === "unknown" ? `install ${name}` : `${commands[manager]} ${name}`;
};

/** Where each program that building needs is. `CC` and `CXX` name other compilers. */
export const locateBuildTools = async (env: Environment): Promise<ReadonlyMap<BuildTool, string | undefined>> => {
  const names: Readonly<Record<BuildTool, readonly (string | undefined)[]>> = {
    cmake: ["cmake"],
    make: ["make"],
    "c++": [env["CXX"], "c++", "g++", "clang++"],
    cc: [env["CC"], "cc", "gcc", "clang"],
    git: ["git"],
    npm: ["npm"],
    tar: ["tar"],
  };
  const located = await Promise.all(
    buildTools.map(async (tool) => [tool, await firstOnPath(names[tool], env)] as const),
  );
  return new Map(located);
};

const firstOnPath = async (names: readonly (string | undefined)[], env: Environment): Promise<string | undefined> => {
  for (const name of names) {
    const path = name === undefined || name === "" ? undefined : await onPath(name, env);
    if (path !== undefined) return path;
  }
  return undefined;
};
