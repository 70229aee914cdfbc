import { delimiter, join, resolve } from "node:path";
import { cacheDirectory } from "../run/toolchain/cache-directory.ts";

/** Options that several commands share, as commander hands them over. */
export interface SharedOptions {
  readonly llamaCpp?: string;
  readonly cache?: string;
  readonly cacheReadOnly?: boolean;
  readonly alwaysHash?: boolean;
  readonly json?: boolean;
  readonly offline?: boolean;
}

/** The environment, read in one place. */
export const environment = (): NodeJS.ProcessEnv => process.env;

/** The same as `--offline` has it: the Hub's own tools know that by a variable, and so do we. */
export const networkEnvironment = ({ offline }: { readonly offline?: boolean }): NodeJS.ProcessEnv =>
  offline === true ? { ...environment(), HF_HUB_OFFLINE: "1" } : environment();

/** `--cache`, else PIPELINE_CACHE, else a folder of the user's cache directory. */
export const storeDirectory = ({ cache }: SharedOptions): string => {
  const named = cache ?? environment()["PIPELINE_CACHE"];
  return named === undefined || named === "" ? join(userCache(), "store") : resolve(named);
};

/** Where managed builds of llama.cpp live: shared by all projects, whatever `--cache` says. */
export const userCache = (): string => cacheDirectory(environment());

/** Where all runs of this user keep the budgets of the machine; undefined where they are not to be kept. */
export const machineDirectory = ({ machineLock }: { readonly machineLock?: boolean }): string | undefined =>
  machineLock === false ? undefined : join(userCache(), "machine");

export const pathDirectories = (): string[] =>
  (environment()["PATH"] ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => resolve(directory));

/** Set by GitHub, GitLab and most others; `CI=false` and `CI=0` mean no. */
export const isCi = (): boolean => isSet("CI");

/** `--always-hash`, else PIPELINE_ALWAYS_HASH, which a whole site can set. */
export const alwaysHashes = ({ alwaysHash }: SharedOptions): boolean => alwaysHash ?? isSet("PIPELINE_ALWAYS_HASH");

const isSet = (name: string): boolean => !["", "0", "false"].includes(environment()[name] ?? "");
