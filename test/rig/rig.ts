import { spawn, type ChildProcess } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Event, ResultEvent, StepEvent } from "../../src/base/event.ts";
import { bin, realTools } from "./tools.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of `--json`. */
  readonly events: readonly Event[];
  readonly result: ResultEvent | undefined;
  readonly seconds: number;
  /** Steps by their last state. */
  readonly steps: ReadonlyMap<string, StepEvent["status"]>;
}

/** A command that is running. */
export interface Running {
  readonly pid: number;
  /** Resolves with the first event that fits; rejects when the command ends before. */
  readonly until: (fits: (event: Event) => boolean) => Promise<Event>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

/**
 * A folder of its own with the built program, real tools, a copy of the model and of the corpora; its store and its
 * results lie inside, so that whatever runs in there can be found and nothing else is touched.
 */
export class Rig {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "pipeline-rig-")));
  readonly store = join(this.folder, "store");
  readonly out = join(this.folder, "out");
  readonly #running = new Set<ChildProcess>();

  constructor() {
    this.restore();
  }

  /** Brings the model, the corpora and the pipelines back to what ships. */
  restore(): void {
    for (const part of ["models", "corpora", "pipelines"]) {
      rmSync(this.path(part), { recursive: true, force: true });
      cpSync(join(repository, part), this.path(part), { recursive: true });
    }
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(file: string, text: string): string {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), text);
    return this.path(file);
  }

  read(file: string): string {
    return readFileSync(this.path(file), "utf8");
  }

  /** Replaces a text in a file, which must be there. */
  edit(file: string, from: string, to: string): void {
    const text = this.read(file);
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
    writeFileSync(this.path(file), text.replace(from, to));
  }

  /** Runs `pipeline run` with NDJSON on stdout. */
  run(file: string, ...more: string[]): Promise<Ended> {
    return this.startRun(file, ...more).ended;
  }

  startRun(file: string, ...more: string[]): Running {
    return this.start(["run", file, "--json", "--out", this.out, "--cache", this.store, ...more]);
  }

  /** Runs any command to its end. */
  exec(...args: string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  start(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Running {
    const began = performance.now();
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: this.folder,
      env: { ...this.environment(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running.add(child);
    return watch(child, began);
  }

  /** Nothing of the machine's settings reaches a command, and `CI` is unset. */
  environment(): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "",
      HOME: this.folder,
      XDG_CACHE_HOME: this.path("cache"),
      LLAMA_CPP_DIR: realTools(),
      NO_COLOR: "1",
    };
  }

  /** Command lines of processes that work inside this folder, the commands that the rig itself started left out. */
  survivors(): string[] {
    return this.pids()
      .map((pid) => commandOf(pid))
      .filter((command) => command !== "");
  }

  /** Process ids of the same; a zombie is among them. */
  pids(): string[] {
    const own = new Set([...this.#running].map(({ pid }) => String(pid)));
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && !own.has(name))
      .filter((pid) => linkOf(pid).startsWith(this.folder));
  }

  /** Resolves once a process of that name works inside this folder. */
  untilProcess(name: string): Promise<void> {
    return until(`a process ${name}`, () => this.survivors().some((command) => command.includes(name)));
  }

  untilFile(path: string): Promise<void> {
    return until(path, () => existsSync(path));
  }

  /** File → digest of the results of a pipeline, each checked against its bytes. */
  sums(name: string): Map<string, string> {
    return sumsIn(this.path("out", name));
  }

  [Symbol.dispose](): void {
    for (const child of this.#running) if (child.exitCode === null) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** File → digest of what a folder's SHA256SUMS lists, each checked against its bytes. */
export const sumsIn = (folder: string): Map<string, string> => {
  const lines = readFileSync(join(folder, "SHA256SUMS"), "utf8").trimEnd().split("\n");
  return new Map(
    lines.map((line) => {
      const [sum = "", file = ""] = line.split("  ");
      const found = createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex");
      if (found !== sum) throw new Error(`${file} is ${found}, and SHA256SUMS says ${sum}`);
      return [file, sum];
    }),
  );
};

/** Polls, for what the test waits for is announced by nothing. */
const until = async (what: string, happened: () => boolean): Promise<void> => {
  const deadline = performance.now() + 20_000;
  while (!happened()) {
    if (performance.now() > deadline) throw new Error(`${what} did not appear`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const linkOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
};

/** Empty for a zombie: it is dead, only not yet waited for. */
const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
};

const watch = (child: ChildProcess, began: number): Running => {
  const events: Event[] = [];
  const waiting = new Set<{
    fits: (event: Event) => boolean;
    resolve: (event: Event) => void;
    reject: (why: Error) => void;
  }>();
  let stdout = "";
  let stderr = "";
  child.stderr?.on("data", (text: Buffer) => (stderr += text.toString()));
  const lines = createInterface({ input: child.stdout! });
  lines.on("line", (line) => {
    stdout += `${line}\n`;
    if (!line.startsWith('{"type"')) return;
    const event = JSON.parse(line) as Event;
    events.push(event);
    for (const waiter of waiting) if (waiter.fits(event)) waiter.resolve(event);
  });
  const closed = new Promise<void>((resolve) => lines.on("close", resolve));
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code, signal) => {
      void closed.then(() => {
        for (const waiter of waiting)
          waiter.reject(new Error(`ended with ${code ?? signal} before the event:\n${stdout}${stderr}`));
        resolve(summarise({ code, signal, stdout, stderr, events }, began));
      });
    });
  });
  return {
    pid: child.pid ?? -1,
    kill: (signal) => void child.kill(signal),
    until: (fits) => {
      const seen = events.find(fits);
      if (seen !== undefined) return Promise.resolve(seen);
      return new Promise((resolve, reject) => waiting.add({ fits, resolve, reject }));
    },
    ended,
  };
};

const summarise = (raw: Omit<Ended, "result" | "steps" | "seconds">, began: number): Ended => ({
  ...raw,
  seconds: (performance.now() - began) / 1000,
  result: raw.events.find((event) => event.type === "result"),
  steps: new Map(raw.events.flatMap((event) => (event.type === "step" ? [[event.step, event.status] as const] : []))),
});

/** Steps of a run that ended in a state. */
export const stepsThat = (ended: Ended, status: StepEvent["status"]): string[] =>
  [...ended.steps].filter(([, state]) => state === status).map(([step]) => step);

/** Whether an event says that a step of that name is in that state. */
export const stepIs =
  (step: string, status: StepEvent["status"]) =>
  (event: Event): boolean =>
    event.type === "step" && event.step === step && event.status === status;
