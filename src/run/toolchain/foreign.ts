import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../base/canonical.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { toolNames, type Toolchain } from "../../base/tool.ts";
import type { BackendWish } from "./backend.ts";
import { acceleratorsKey } from "./device-memo.ts";
import { backendOf } from "./device.ts";
import type { Environment } from "./environment.ts";
import { unchanged, type FileStat } from "./file-facts.ts";
import type { Host } from "./host.ts";
import { foreignIdentity, neighbours, type Identity } from "./identity.ts";
import { nativeIsa } from "./isa.ts";
import { incomplete, probe, type Probe } from "./probe.ts";
import { readSealed, writeSealed } from "./sealed.ts";
import { versionTrouble } from "./version.ts";

/** What is needed to judge a directory that we did not build. */
export interface ForeignOptions {
  readonly origin: "option" | "environment" | "path";
  readonly env: Environment;
  readonly versionRange: string;
  readonly backend: BackendWish;
  readonly cacheDir: string;
  readonly host: Host;
  readonly timeoutMs: number;
}

/** All that was learnt about a directory, with the state of the files it was learnt from. */
interface Known {
  readonly probe: Probe;
  readonly identity: Identity;
  readonly seen: readonly FileStat[];
  readonly neighbours: readonly string[];
}

/** A directory of tools as a toolchain; the error is one line that says why it does not count. */
export const useForeign = async (directory: string, options: ForeignOptions): Promise<Result<Toolchain, string>> => {
  const gap = await incomplete(directory);
  if (gap !== undefined) return err(gap);
  const known = await learn(directory, options);
  if (!known.ok) return known;
  const { probe: said, identity } = known.value;
  const mismatch = versionTrouble(said.version, options.versionRange) ?? said.lacking[0];
  if (mismatch !== undefined) return err(mismatch);
  const numeric = { ...backendOf(said.devices), isa: nativeIsa(options.host) };
  if (options.backend !== "auto" && numeric.backend !== options.backend)
    return err(`computes with ${numeric.backend} (${numeric.device}): ${options.backend} is wanted`);
  return ok({
    directory,
    origin: options.origin,
    version: said.version.text,
    identity,
    numeric,
    jsonLog: said.jsonLog,
  });
};

/** From the cache while no file changed; otherwise the tools are run and hashed. Failed probes are not kept. */
const learn = async (directory: string, options: ForeignOptions): Promise<Result<Known, string>> => {
  const { env, cacheDir, timeoutMs } = options;
  const beside = await neighbours(directory);
  const memo = join(cacheDir, "probes", `foreign-${await memoKey(directory, env)}.json`);
  const kept = await readSealed<Known>(memo);
  const fresh = kept !== undefined && kept.neighbours.join() === beside.join() && (await unchanged(kept.seen));
  if (fresh) return ok(kept);
  const probed = await probe(directory, env, timeoutMs);
  if (!probed.ok) return probed;
  const known = { probe: probed.value, ...(await foreignIdentity(directory, env)), neighbours: beside };
  await writeSealed(memo, known).catch(() => undefined);
  return ok(known);
};

/** Variables that decide which libraries a tool loads. */
const loaderVariables = [
  "LD_LIBRARY_PATH",
  "LD_PRELOAD",
  "DYLD_LIBRARY_PATH",
  "DYLD_INSERT_LIBRARIES",
  "GGML_BACKEND_PATH",
];

const memoKey = async (directory: string, env: Environment): Promise<string> => {
  const real = await Promise.all(toolNames.map((tool) => realpath(join(directory, tool))));
  const variables = loaderVariables.map((name) => env[name] ?? null);
  return sha256(JSON.stringify([directory, real, variables, await acceleratorsKey(env)])).slice(0, 32);
};
