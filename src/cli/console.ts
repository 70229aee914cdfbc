import type { Failure } from "../base/failure.ts";
import { formatFailure } from "../report/failure.ts";
import { withRoom } from "../run/full-disk.ts";
import type { Output } from "../report/output.ts";
import { annotate, failureMarks } from "./annotate.ts";
import { exitCodeOf } from "./exit-code.ts";
import { environment, isCi } from "./settings.ts";

/** NO_COLOR (any value) and TERM=dumb switch colour off, FORCE_COLOR switches it on; else a terminal decides. */
const wantsColor = (stream: NodeJS.WriteStream): boolean => {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment();
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "0") return true;
  return stream.isTTY && TERM !== "dumb";
};

const outputOn = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => void stream.write(text),
  isTTY: stream.isTTY,
  columns: stream.isTTY ? stream.columns : 80,
  rows: stream.isTTY ? stream.rows : 24,
  color: wantsColor(stream),
});

/** Results go here. */
export const stdout = (): Output => outputOn(process.stdout);
/** Trouble and remarks go here, so that results can be piped. */
export const stderr = (): Output => outputOn(process.stderr);

/** A terminal gets the live view; logs, pipes and CI get lines; programs get JSON. */
export const viewKind = (json: boolean): "json" | "live" | "plain" =>
  json ? "json" : stdout().isTTY && !isCi() ? "live" : "plain";

/** Prints a failure as people read it, or as the one JSON object of the command; returns the exit code. */
export const fail = (cause: Failure, json: boolean): number => {
  const failure = withRoom(cause);
  annotate(failureMarks([failure]));
  if (json) {
    stdout().write(
      `${JSON.stringify({ type: "result", ok: false, exitCode: exitCodeOf(failure), failures: [bare(failure)] })}\n`,
    );
  } else {
    const output = stderr();
    output.write(formatFailure(failure, { color: output.color, cwd: process.cwd() }));
  }
  return exitCodeOf(failure);
};

/** Without the whole text of the files that diagnostics point into. */
const bare = (failure: Failure): unknown =>
  JSON.parse(JSON.stringify(failure, (name, value: unknown) => (name === "text" ? undefined : value)));
