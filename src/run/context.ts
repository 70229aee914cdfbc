import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Waiting } from "../base/event.ts";
import { fileFailure, interruption } from "../base/failure.ts";
import type { Key } from "../base/ids.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatBytes } from "../base/units.ts";
import { threadsPlaceholder, type Threads, type ToolName } from "../base/tool.ts";
import { recipeOf } from "../plan/key.ts";
import { toolLog, type OnText } from "../llama/log.ts";
import { identify } from "../store/owner.ts";
import { runChild, type ChildExit } from "./child.ts";
import { demandOf } from "./demand.ts";
import { environmentOfGit } from "./git-tree.ts";
import type { Work } from "./execute.ts";
import { fullDisk } from "./full-disk.ts";
import type { Session } from "./session.ts";
import { toolMemory } from "./tool-memory.ts";
import { whoHolds } from "./step-lock.ts";
import type { StepContext, ToolRun } from "./steps/step.ts";

/** Tries of a tool whose output was incomplete although it exited 0: the first, and up to three repeats. */
const tries = 4;

/** These two put token ids and tensor lines beside the log, so they are read in plain form. */
const plainLog: readonly ToolName[] = ["llama-quantize", "llama-tokenize"];

/** What a step gets to work with, and how often it had to repeat a tool. */
export const makeContext = (session: Session, work: Work, scratch: string): Equipped => {
  let attempt = 1;
  let repeats = 0;
  let command: ToolCommand = { tool: "", argv: [] };
  let waited = 0;
  const logs = session.layout.runLogs(session.run, work.spec.id);
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs, { recursive: true });
  const repeat = async <T>(task: () => Promise<Result<T>>): Promise<Result<T>> => {
    for (attempt = 1; ;) {
      const result = await task();
      if (result.ok || result.error.reason !== "tool-incomplete") return result;
      if (attempt >= tries) return err({ ...result.error, attempts: attempt });
      // Another try would lose the same lines.
      if (fullDisk(scratch) !== undefined) return result;
      attempt += 1;
      repeats += 1;
      session.emit({ type: "attempt", step: work.spec.id, attempt, missing: result.error.missing });
    }
  };
  const context: StepContext = {
    spec: work.spec,
    recipe: recipeOf(work.document),
    scratch,
    toolchain: session.toolchain,
    inputs: work.inputs,
    input: (role) => work.inputs.get(role) ?? missing(work, role),
    path: (output) => join(scratch, work.spec.outputs[output]?.file ?? missing(work, output)),
    progress: progressOf(session, work),
    tool: async (tool, argv, onText) => {
      command = { tool, argv: argv(threadsPlaceholder) };
      const log = join(logs, `${attempt}.log`);
      const asked = performance.now();
      const leave = await enterMachine(session, work, { tool, argv, scratch });
      waited += performance.now() - asked;
      if (leave === undefined) return err(interruption(session.cancel));
      try {
        return await runTool(session, work, { tool, argv: argv(work.threads), scratch, log }, onText);
      } finally {
        leave();
      }
    },
    program: (request, onOutput) => runProgram(session, work, { ...request, log: join(logs, "1.log") }, onOutput),
    fetch: async (...asked) => (await import("./fetch-file.ts")).fetchFileFor(session, work.spec)(...asked),
    fetchText: async (...asked) => (await import("./fetch-file.ts")).fetchTextFor(session, work.spec)(...asked),
    remote: async (dataset) => (await import("./remote-files.ts")).openRemoteFiles(session, dataset),
    environment: session.userEnvironment,
    note: (message) => session.emit({ type: "notice", level: "info", message: `${work.spec.id}: ${message}` }),
    cancel: session.cancel,
    repeat,
  };
  return { context, repeats: () => repeats, command: () => command, waited: () => waited / 1000 };
};

/** Waits until this machine has room for the tool; undefined when the run was interrupted meanwhile. */
const enterMachine = async (
  { machine, toolchain, toolEnvironment, cancel, emit }: Session,
  { spec: { id: step }, threads }: Work,
  { tool, argv, scratch }: AskedTool,
): Promise<(() => void) | undefined> => {
  let waitedFor: Waiting["reason"] | undefined;
  const memory = toolMemory(tool, argv(threads), scratch, toolchain.numeric.backend);
  const leave = await machine.enter(demandOf(toolchain, argv, threads, toolEnvironment, memory), {
    cancel,
    onAlone: (all) => emit({ type: "notice", level: "warning", message: aloneWords(step, tool, memory, all) }),
    onWait: (reason, holder) => {
      waitedFor = reason;
      emit({ type: "waiting", step, reason, ...whoHolds(holder) });
    },
  });
  if (waitedFor !== undefined) emit({ type: "waiting", step, reason: waitedFor, over: true });
  return leave;
};

interface AskedTool {
  readonly tool: ToolName;
  readonly argv: (threads: Threads) => readonly string[];
  readonly scratch: string;
}

const aloneWords = (step: string, tool: ToolName, memory: number, all: number): string =>
  `${step}: ${tool} needs about ${formatBytes(memory)} of memory, and this machine has ${formatBytes(all)}: it runs alone`;

/** A tool run as it is written down. */
export interface ToolCommand {
  readonly tool: string;
  readonly argv: readonly string[];
}

/** The same with the key of the step that it made. The report alone reads it, so that nothing else depends on the key. */
export interface KeyedCommand extends ToolCommand {
  readonly key: Key;
}

interface Equipped {
  readonly context: StepContext;
  /** Tool runs that had to be repeated. */
  readonly repeats: () => number;
  /** The last tool run. */
  readonly command: () => ToolCommand;
  /** Seconds in which its tools waited for others to make room. */
  readonly waited: () => number;
}

const missing = (work: Work, name: string): never => {
  throw new Error(`Internal error: ${work.spec.id} has no ${name}`);
};

/** Rate and time left from the first sign of progress on, since loading a model is no progress. */
const progressOf = (session: Session, work: Work): StepContext["progress"] => {
  let first: { readonly at: number; readonly done: number } | undefined;
  return (done, total, unit, said = 0) => {
    const now = performance.now() / 1000;
    first ??= { at: now, done };
    const rate = now === first.at ? said : (done - first.done) / (now - first.at);
    const eta = rate === 0 ? {} : { eta: (total - done) / rate };
    session.emit({ type: "progress", step: work.spec.id, done, total, unit, rate, ...eta });
  };
};

interface ToolRequest {
  readonly tool: ToolName;
  readonly argv: readonly string[];
  readonly scratch: string;
  readonly log: string;
}

const runTool = async (
  session: Session,
  work: Work,
  { tool, argv, scratch, log }: ToolRequest,
  onText: OnText,
): Promise<Result<ToolRun>> => {
  const decoder = toolLog(session.toolchain.jsonLog && !plainLog.includes(tool), onText);
  const exit = await runChild({
    file: join(session.toolchain.directory, tool),
    argv,
    cwd: scratch,
    env: session.toolEnvironment,
    log,
    cancel: session.cancel,
    stall: session.stall,
    onSpawn: (pid) => session.journal({ type: "child", step: work.spec.id, child: identify(pid) }),
    onData: decoder.write,
  });
  decoder.end();
  return judgeExit(session, work, tool, exit, { lastLines: decoder.lastLines(), log });
};

/** The first reason that applies. Exit code 0 means only that the tool may have done what it should. */
const judgeExit = (
  session: Session,
  { spec: { id: step } }: Work,
  tool: ToolName,
  exit: ChildExit,
  said: ToolRun,
): Result<ToolRun> => {
  if (exit.canceled) return err(interruption(session.cancel));
  if (exit.logError !== undefined) return err(fileFailure(exit.logError, said.log, "write"));
  if (exit.stalled) return err({ reason: "tool-stalled", tool, step, seconds: session.stall, log: said.log });
  const failed = { reason: "tool-failed", tool, step, lastLines: said.lastLines.slice(-12), log: said.log } as const;
  if (exit.startError !== undefined) return err({ ...failed, message: exit.startError });
  if (exit.signal !== undefined)
    return err({ ...failed, signal: exit.signal, message: `it was killed by ${exit.signal}` });
  if (exit.exitCode === 0) return ok(said);
  return err({ ...failed, exitCode: exit.exitCode ?? -1, message: errorLine(said.lastLines) });
};

interface ProgramRequest {
  readonly program: string;
  readonly argv: readonly string[];
  readonly input?: string;
  readonly log: string;
}

/** Git or a command of the user's: its output is data, what it says on stderr goes to the log. */
const runProgram = async (
  session: Session,
  { spec }: Work,
  { program, log, ...request }: ProgramRequest,
  onOutput: (bytes: Uint8Array) => void,
): Promise<Result<null>> => {
  const said = lastLines();
  const cwd = spec.folder ?? session.layout.emptyFolder;
  const exit = await runChild({
    ...request,
    file: program,
    cwd,
    env: spec.params["from"] === "git" ? await environmentOfGit(cwd, session.userEnvironment) : session.userEnvironment,
    log,
    keepOutput: false,
    cancel: session.cancel,
    stall: session.stall,
    onSpawn: (pid) => session.journal({ type: "child", step: spec.id, child: identify(pid) }),
    onData: (bytes, stream) => (stream === "stdout" ? onOutput(bytes) : said.push(bytes)),
  });
  return judgeProgram(session, spec.id, program, exit, { lastLines: said.lines(), log });
};

/** The end of what a program says, for messages. */
const lastLines = (): { readonly push: (bytes: Uint8Array) => void; readonly lines: () => string[] } => {
  let tail = "";
  return {
    push: (bytes) => {
      tail = (tail + Buffer.from(bytes).toString("utf8")).slice(-4000);
    },
    lines: () =>
      tail
        .split("\n")
        .filter((line) => line.trim() !== "")
        .slice(-12),
  };
};

const judgeProgram = (
  session: Session,
  step: string,
  program: string,
  exit: ChildExit,
  { lastLines: lines, log }: ToolRun,
): Result<null> => {
  if (exit.canceled) return err(interruption(session.cancel));
  if (exit.logError !== undefined) return err(fileFailure(exit.logError, log, "write"));
  if (exit.exitCode === 0 && !exit.stalled) return ok(null);
  const message = exit.stalled
    ? `it did nothing for ${session.stall} seconds and was ended`
    : (exit.startError ??
      (exit.signal === undefined ? `it ended with ${exit.exitCode}` : `it was ended by ${exit.signal}`));
  return err({ reason: "source-failed", source: step.replace("source/", ""), program, message, lastLines: lines, log });
};

/** What the tool gave as its reason: its last line of level error, else its last line. */
const errorLine = (lines: readonly string[]): string => {
  const line = lines.findLast((text) => /\bE |error|failed|failure/i.test(text)) ?? lines.at(-1);
  return (
    line
      ?.replace(/^[\d.]+ (?=[EWID] )/, "")
      .replace(/^[EWID] /, "")
      .trim() ?? "it said nothing"
  );
};
