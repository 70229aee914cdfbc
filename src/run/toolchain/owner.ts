import { randomUUID } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { command } from "./command.ts";

/** A process, named so that it cannot be taken for a later one with the same number. */
export interface Owner {
  readonly pid: number;
  readonly started: string;
  /** Changes when the machine restarts. */
  readonly boot: string;
  readonly host: string;
  /** Process numbers mean something only within their namespace: containers may share a directory. */
  readonly namespace: string;
  readonly nonce: string;
}

/** This process. */
export const thisOwner = async (): Promise<Owner> => ({
  pid: process.pid,
  started: (await startOf(process.pid)) ?? "unknown",
  boot: await bootId(),
  host: hostname(),
  namespace: await readlink("/proc/self/ns/pid").catch(() => "none"),
  nonce: randomUUID(),
});

/**
 * Whether a process lives. `elsewhere`: it is on another machine or in another container, and cannot be looked at.
 * A stopped process lives.
 */
export const stateOf = async (owner: Owner, me: Owner): Promise<"alive" | "dead" | "elsewhere"> => {
  if (owner.host !== me.host || (owner.boot === me.boot && owner.namespace !== me.namespace)) return "elsewhere";
  if (owner.boot !== me.boot) return "dead";
  return (await startOf(owner.pid)) === owner.started ? "alive" : "dead";
};

const startOf = async (pid: number): Promise<string | undefined> => {
  if (process.platform !== "linux") return startFromPs(pid);
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The name comes second, in parentheses, and may hold spaces and parentheses itself.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  // A zombie has ended; only its parent has not noticed.
  return fields === undefined || fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
};

const posix = { env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" }, timeoutMs: 5000 };

const startFromPs = async (pid: number): Promise<string | undefined> => {
  const { stdout, exitCode } = await command("ps", ["-o", "lstart=", "-p", `${pid}`], posix);
  return exitCode === 0 && stdout.trim() !== "" ? stdout.trim() : undefined;
};

/** Names this start of the machine. */
export const bootId = async (): Promise<string> => {
  const id = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined);
  if (id !== undefined) return id.trim();
  const { stdout } = await command("sysctl", ["-n", "kern.boottime"], posix);
  return stdout.trim();
};
