import { access, constants, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../base/canonical.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { NumericClass, Toolchain } from "../../base/tool.ts";
import type { Environment } from "./environment.ts";
import type { BackendWish } from "./backend.ts";
import { devicesHere } from "./device-memo.ts";
import { backendOf } from "./device.ts";
import type { Host } from "./host.ts";
import { managedIdentity } from "./identity.ts";
import { runsHere } from "./isa.ts";
import { binDirectory, filesTrouble, readManifest, type Manifest } from "./manifest.ts";
import { versionTrouble } from "./version.ts";

/** Where managed builds live below the cache directory. */
export const buildsDirectory = (cacheDir: string): string => join(cacheDir, "toolchains");

/** Where the stats of a build's checked files are kept. */
export const memoFile = (cacheDir: string, root: string): string =>
  join(cacheDir, "probes", `managed-${sha256(root).slice(0, 32)}.json`);

/** A finished managed build. */
export interface ManagedBuild {
  /** Directory with `bin`, `licenses` and `manifest.json`. */
  readonly root: string;
  readonly manifest: Manifest;
}

/** What is needed to look at managed builds. */
export interface ManagedOptions {
  readonly cacheDir: string;
  readonly versionRange: string;
  readonly backend: BackendWish;
  readonly host: Host;
  readonly env: Environment;
}

/** All finished builds, newest version first, of one version the one made last first. */
export const listManaged = async (cacheDir: string): Promise<readonly ManagedBuild[]> => {
  const directory = buildsDirectory(cacheDir);
  const names = (await readdir(directory).catch(() => [])).filter((name) => /^v\d/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const root = join(directory, name);
      const manifest = await readManifest(root);
      const made = await stat(join(root, "manifest.json")).catch(() => undefined);
      return manifest === undefined || made === undefined ? [] : [{ root, manifest, made: made.mtimeMs }];
    }),
  );
  return found.flat().sort(newest);
};

interface Listed extends ManagedBuild {
  readonly made: number;
}

const newest = (a: Listed, b: Listed): number => byVersion(b, a) || b.made - a.made;

const byVersion = (a: Listed, b: Listed): number =>
  a.manifest.version.release.localeCompare(b.manifest.version.release, "en", { numeric: true });

/** The newest managed build that may be used, and a line for each that may not. */
export const findManaged = async (
  options: ManagedOptions,
): Promise<{ readonly toolchain?: Toolchain; readonly skipped: readonly string[] }> => {
  const skipped: string[] = [];
  for (const build of await listManaged(options.cacheDir)) {
    const found = await useManaged(build, options);
    if (found.ok) return { toolchain: found.value, skipped };
    skipped.push(`managed build ${build.root}: ${found.error}`);
  }
  return { skipped };
};

/** A managed build as a toolchain, if it fits the options and its files are what was built. */
export const useManaged = async (
  { root, manifest }: ManagedBuild,
  options: ManagedOptions,
): Promise<Result<Toolchain, string>> => {
  const { version, recipe } = manifest;
  const mismatch = versionTrouble(version, options.versionRange) ?? placeTrouble(manifest, options);
  if (mismatch !== undefined) return err(mismatch);
  const damage = await filesTrouble(root, manifest, memoFile(options.cacheDir, root));
  if (damage !== undefined) return err(`${damage}; pipeline toolchain install makes it again`);
  const directory = binDirectory(root);
  const refused = await access(join(directory, "llama-perplexity"), constants.X_OK).catch(() => "refused");
  if (refused !== undefined) return err("the tools may not be executed here");
  const numeric = await numericClass(root, manifest, options);
  if (!numeric.ok) return numeric;
  return ok({
    directory,
    origin: "managed",
    version: version.text,
    identity: await managedIdentity(recipe),
    numeric: numeric.value,
    jsonLog: manifest.jsonLog,
  });
};

const placeTrouble = ({ recipe }: Manifest, { backend, host }: ManagedOptions): string | undefined => {
  if (backend !== "auto" && recipe.backend !== backend) return `built for ${recipe.backend}: ${backend} is wanted`;
  return runsHere(recipe.isa, host) ? undefined : `built for ${recipe.isa}, which this processor does not run`;
};

/** The card is a property of this machine and not of the build, so it is asked for where the build can use one. */
const numericClass = async (
  root: string,
  { recipe }: Manifest,
  { cacheDir, env }: ManagedOptions,
): Promise<Result<NumericClass, string>> => {
  const { isa, backend } = recipe;
  if (backend === "cpu") return ok({ backend, device: "cpu", isa });
  const devices = await devicesHere(binDirectory(root), cacheDir, env);
  if (!devices.ok) return devices;
  const here = backendOf(devices.value);
  return here.backend === backend ? ok({ ...here, isa }) : err(`built for ${backend}, and no such device is here`);
};
