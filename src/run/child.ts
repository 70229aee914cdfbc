import { accessSync, constants, createWriteStream, readFileSync, readdirSync } from "node:fs";
import { isAbsolute } from "node:path";
import { finished } from "node:stream/promises";

/** A program to run in its own process group, without a shell. */
export interface ChildRequest {
  readonly file: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** File that is its standard input; none without it. */
  readonly input?: string;
  /** Raw output is appended here, */
  readonly log: string;
  /** but for standard output where that is what the program is run for. */
  readonly keepOutput?: false;
  readonly cancel: AbortSignal;
  /** Seconds without output and without processor time of the group after which it is ended. */
  readonly stall: number;
  readonly onSpawn: (pid: number) => void;
  readonly onData: (bytes: Uint8Array, stream: "stdout" | "stderr") => void;
}

/** One flat record of how a child ended. The first that applies says why: canceled, stalled, not started, exit. */
export interface ChildExit {
  readonly canceled: boolean;
  readonly stalled: boolean;
  /** The program could not be started at all. */
  readonly startError?: string;
  /** What the tool said could not be written down, as on a full disk; it was ended. */
  readonly logError?: Error;
  readonly exitCode?: number;
  readonly signal?: string;
}

/** From TERM to KILL, milliseconds: an interrupted run must be gone within five seconds. */
const grace = 3000;

/** Leaders of the process groups that are running. */
const live = new Set<number>();

/** Kills every tool at once, for a user who does not want to wait for the grace. */
export const killChildren = (): void => {
  for (const pid of live) signalGroup(pid, "SIGKILL");
};

/** Runs a child to its end. Whatever happens, nothing of its process group is left when the promise resolves. */
export const runChild = async (request: ChildRequest): Promise<ChildExit> => {
  const end = new AbortController();
  const log = openLog(request, () => end.abort());
  const [file, argv] = await withParentDeath(request);
  // Imported only here: loading it takes longer than all else of a run that finds everything done.
  const { execa } = await import("execa");
  const child = execa(file, argv, {
    cwd: request.cwd,
    env: request.env,
    extendEnv: false,
    stdin: request.input === undefined ? "ignore" : { file: request.input },
    buffer: false,
    reject: false,
    killDescendants: true,
    cancelSignal: AbortSignal.any([request.cancel, end.signal]),
    forceKillAfterDelay: grace,
  });
  const { pid } = child;
  let lastSign = Date.now();
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (bytes: Uint8Array) => {
      lastSign = Date.now();
      if (stream === "stderr" || request.keepOutput !== false) log.write(bytes);
      request.onData(bytes, stream);
    });
  }
  if (pid !== undefined) {
    live.add(pid);
    request.onSpawn(pid);
  }
  let stalled = false;
  const onStall = (): void => {
    stalled = !request.cancel.aborted;
    end.abort();
  };
  const watch = watchStall(request.stall, pid, () => lastSign, onStall);
  // A stopped process handles TERM only once it is continued.
  const wake = (): void => signalGroup(pid, "SIGCONT");
  for (const signal of [request.cancel, end.signal]) signal.addEventListener("abort", wake, { once: true });
  const result = await child;
  clearInterval(watch);
  request.cancel.removeEventListener("abort", wake);
  signalGroup(pid, "SIGKILL");
  if (pid !== undefined) live.delete(pid);
  const logError = await log.close();
  return {
    canceled: request.cancel.aborted,
    stalled,
    ...(logError === undefined ? {} : { logError }),
    ...(pid === undefined ? { startError: result.failed ? result.originalMessage : "did not start" } : {}),
    ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
    ...(result.signal === undefined ? {} : { signal: result.signal }),
  };
};

/**
 * Through `setpriv`, where it can, so that the kernel kills the tool when this process dies, even of KILL. It replaces itself
 * by the tool, which therefore keeps its pid and start time. What cannot be executed goes without, for its own message; and
 * so does a program that is looked for in PATH, since that is not of the kind that runs for hours and it may have children.
 */
const withParentDeath = async ({ file, argv }: ChildRequest): Promise<[string, readonly string[]]> => {
  if (process.platform !== "linux" || !isAbsolute(file) || !isExecutable(file)) return [file, argv];
  setpriv ??= findSetpriv();
  const found = await setpriv;
  return found === undefined ? [file, argv] : [found, ["--pdeathsig", "KILL", file, ...argv]];
};

/** Asked once, when the first tool starts. */
let setpriv: Promise<string | undefined> | undefined;

/** That of BusyBox has the name and not the option. */
const findSetpriv = async (): Promise<string | undefined> => {
  const { execa } = await import("execa");
  for (const file of ["/usr/bin/setpriv", "/bin/setpriv"].filter(isExecutable)) {
    const tried = await execa(file, ["--pdeathsig", "KILL", file, "--version"], {
      reject: false,
      stdio: "ignore",
      timeout: 5000,
    });
    if (tried.exitCode === 0) return file;
  }
  return undefined;
};

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

interface Log {
  readonly write: (bytes: Uint8Array) => void;
  /** Resolves with what kept it from being written, if anything did. */
  readonly close: () => Promise<Error | undefined>;
}

/** A stream that fails must be heard at once, or Node ends the whole program. */
const openLog = ({ log, file, argv }: ChildRequest, onError: () => void): Log => {
  const stream = createWriteStream(log, { flags: "a" });
  let failed: Error | undefined;
  stream.on("error", (error) => {
    failed = error;
    onError();
  });
  stream.write(`$ ${file} ${argv.join(" ")}\n`);
  return {
    write: (bytes) => void stream.write(bytes),
    close: async () => {
      stream.end();
      await finished(stream).catch(() => undefined);
      return failed;
    },
  };
};

/** Signals every process of the group that `pid` leads; silent when there is none. */
export const signalGroup = (pid: number | undefined, signal: NodeJS.Signals): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the group is gone, which is what we want.
  }
};

const watchStall = (
  stall: number,
  pid: number | undefined,
  lastSign: () => number,
  onStall: () => void,
): NodeJS.Timeout => {
  let cpu = "";
  let lastWork = Date.now();
  const look = (): void => {
    const now = groupCpu(pid);
    if (now !== cpu) lastWork = Date.now();
    cpu = now;
    if (Date.now() - Math.max(lastSign(), lastWork) > stall * 1000) onStall();
  };
  return setInterval(look, Math.min(5000, stall * 250)).unref();
};

/** Processor ticks of every process of the group, as text to compare. Empty without /proc: there output alone counts. */
const groupCpu = (pid: number | undefined): string => {
  if (pid === undefined || process.platform !== "linux") return "";
  const ticks: string[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statFields(name);
    if (Number(fields[2]) === pid) ticks.push(`${name}:${fields[11] ?? ""}:${fields[12] ?? ""}`);
  }
  return ticks.join(" ");
};

/** Fields of /proc/PID/stat from the third on: state, ppid, pgrp, … utime is [11], stime is [12]. */
const statFields = (pid: string): string[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
};
