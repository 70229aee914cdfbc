import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { sha256 } from "../base/canonical.ts";

/**
 * A short name of this machine for what must not be mixed with that of others on a shared store: /etc/machine-id, else
 * the boot, else the host's name. Not the host's name first: each container has one of its own, and all of a machine
 * see the same files with the same numbers. (Hashed, as machine-id(5) asks.)
 */
export const machineId = (): string =>
  sha256(`gguf-pipeline ${read("/etc/machine-id") || read("/proc/sys/kernel/random/boot_id") || hostname()}`).slice(
    0,
    16,
  );

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
};
