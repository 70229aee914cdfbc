import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Names a process so that a reused pid is not mistaken for it: pid, its start time (field 22 of /proc/<pid>/stat, clock
 * ticks since boot), the boot and the host. Where /proc does not exist, start time and boot are empty and the pid
 * alone decides.
 */
export interface Owner {
  readonly pid: number;
  readonly startTime: string;
  readonly boot: string;
  readonly host: string;
  /** Of process numbers: containers on one machine may share a store. Absent in what earlier versions wrote. */
  readonly namespace?: string;
  readonly nonce: string;
}

export const identify = (pid: number): Owner => ({
  pid,
  startTime: startTime(pid),
  boot: bootId(),
  host: hostname(),
  namespace: pidNamespace(),
  nonce: randomBytes(8).toString("hex"),
});

/** Whether it runs where nobody here can look: on another host, or in another container of this one. */
export const isElsewhere = ({ host, boot, namespace }: Owner): boolean =>
  host !== hostname() || (boot === bootId() && namespace !== undefined && namespace !== pidNamespace());

/** Whether that very process still exists (running or stopped; a zombie is gone). Unknown where it is elsewhere: true. */
export const isAlive = (owner: Owner): boolean => {
  if (isElsewhere(owner)) return true;
  if (owner.boot !== bootId()) return false;
  const start = startTime(owner.pid);
  // Where there is a /proc, no start time means that the process is gone, or was when its owner was written down.
  return exists(owner.pid) && start === owner.startTime && (start !== "" || owner.boot === "");
};

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

/** Both stay as they are as long as this process lives, and are asked for with every run that is in a store. */
const bootId = (): string => (boot ??= read("/proc/sys/kernel/random/boot_id").trim());
const pidNamespace = (): string => (namespace ??= readNamespace());
let [boot, namespace]: (string | undefined)[] = [];

/** Empty where there are none. */
const readNamespace = (): string => {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
};

const startTime = (pid: number): string => {
  // The command name, field 2, may hold spaces and parentheses: count from its last ")".
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "" : (fields[19] ?? "");
};
