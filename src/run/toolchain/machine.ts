import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { dirname } from "node:path";
import { formatBytes } from "../../base/units.ts";
import { nvidiaCards } from "./backend.ts";
import type { Environment } from "./environment.ts";
import { readHost } from "./host.ts";

/** One thing that was looked at. Plain data: `report` turns it into lines. */
export interface Finding {
  readonly subject: string;
  readonly status: "ok" | "missing" | "warning";
  readonly detail: string;
  /** The one line that mends it. */
  readonly remedy?: string;
}

/** Disk, memory, cores and accelerators of this machine. */
export const machineFindings = async (cacheDir: string, env: Environment): Promise<readonly Finding[]> => {
  const [disk, gpu] = await Promise.all([diskFinding(cacheDir), gpuFinding(env)]);
  return [disk, memoryFinding(), coresFinding(), gpu];
};

const diskFinding = async (cacheDir: string): Promise<Finding> => {
  const subject = "disk of the cache";
  const place = await existingParent(cacheDir);
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const detail = `${formatBytes(free)} free at ${cacheDir}`;
  if (free >= 2e9) return { subject, status: "ok", detail };
  const remedy = "pipeline cache gc, or XDG_CACHE_HOME=<a larger disk>";
  return { subject, status: "warning", detail: `${detail}; a build takes 0.4 GB`, remedy };
};

/** The doctor makes no directories: the nearest one that is there is on the same disk. */
const existingParent = async (path: string): Promise<string> => {
  const there = await statfs(path).then(
    () => true,
    () => false,
  );
  return there || dirname(path) === path ? path : existingParent(dirname(path));
};

const memoryFinding = (): Finding => {
  const total = totalmem();
  const detail = `${formatBytes(total)} in all`;
  if (total >= 4e9) return { subject: "memory", status: "ok", detail };
  return { subject: "memory", status: "warning", detail: `${detail}; the model and its logits must fit` };
};

const coresFinding = (): Finding => ({ subject: "cores", status: "ok", detail: `${availableParallelism()}` });

const gpuFinding = async (env: Environment): Promise<Finding> => {
  const subject = "GPU";
  const host = await readHost();
  if (host.platform === "darwin" && host.arch === "arm64") return { subject, status: "ok", detail: "Metal" };
  const cards = await nvidiaCards(env);
  const names = cards.map(({ name, capability }) => `${name} (compute capability ${capability})`);
  return { subject, status: "ok", detail: names.length > 0 ? names.join(", ") : "none found; the CPU is used" };
};
