import { readFile } from "node:fs/promises";
import { command } from "./command.ts";

const posix = { env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" }, timeoutMs: 5000 };

/** Names this start of the machine. */
export const bootId = async (): Promise<string> => {
  const id = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined);
  if (id !== undefined) return id.trim();
  const { stdout } = await command("sysctl", ["-n", "kern.boottime"], posix);
  return stdout.trim();
};
