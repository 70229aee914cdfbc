import { errorOf, logArgv } from "./common.ts";
import { lineReader } from "./lines.ts";
import type { OnText } from "./log.ts";
import { complete, type Outcome } from "./outcome.ts";

export interface TokenizeRequest {
  /** File names relative to the working directory. */
  readonly model: string;
  readonly text: string;
}

/**
 * argv that prints the token ids of a file as llama-imatrix and llama-perplexity see them: special tokens and escapes
 * are plain text, BOS as the vocabulary says. They drop one LF at the end of a file, which this tool keeps.
 * The ids are not part of the log, so `--log-jsonl` would mix both on stdout and is not given; level 1 is errors only.
 */
export const tokenizeArgv = (request: TokenizeRequest): string[] =>
  [
    ["-m", request.model],
    ["-f", request.text],
    ["--ids", "--show-count", "--no-parse-special", "--no-escape"],
    logArgv(false, 1),
  ].flat();

/** What a run of llama-tokenize has printed so far. */
export interface TokenizeRun {
  readonly ids: Int32Array;
  /** The tool's own count. */
  readonly count?: number;
  readonly errors: readonly string[];
}

export interface TokenizeParser {
  readonly push: OnText;
  /** Can be asked at any time. */
  readonly run: () => TokenizeRun;
}

/** Takes `[1, 2, …]` in pieces, however long: 26 MB for 10 MB of text. Only stdout counts. */
export const tokenizeParser = (): TokenizeParser => {
  const ids = growingIds();
  let place: "before" | "inside" | "after" = "before";
  let digits = "";
  let tail = "";
  const errors: string[] = [];
  const stderr = lineReader((line) => {
    const error = errorOf(line);
    if (error !== undefined) errors.push(error);
  });

  const inside = (text: string): void => {
    const end = text.indexOf("]");
    const words = (digits + (end < 0 ? text : text.slice(0, end))).split(",");
    // The last number may go on in the next piece, unless the list has ended.
    digits = end < 0 ? (words.pop() ?? "") : "";
    for (const word of words) if (word.trim() !== "") ids.add(Number(word));
    if (end >= 0) {
      place = "after";
      tail = text.slice(end + 1);
    }
  };
  const onStdout = (text: string): void => {
    if (place === "inside") return inside(text);
    if (place === "after") {
      tail = (tail + text).slice(-200);
      return;
    }
    const start = text.indexOf("[");
    if (start < 0) return;
    place = "inside";
    inside(text.slice(start + 1));
  };
  return {
    push: (text, stream) => {
      if (stream === "stdout") onStdout(text);
      else stderr.push(text);
    },
    run: () => {
      const count = /Total number of tokens: (\d+)\n/.exec(tail)?.[1];
      return { ids: ids.all(), ...(count === undefined ? {} : { count: Number(count) }), errors };
    },
  };
};

interface GrowingIds {
  readonly add: (id: number) => void;
  readonly all: () => Int32Array;
}

const growingIds = (): GrowingIds => {
  let ids = new Int32Array(4096);
  let length = 0;
  return {
    add: (id) => {
      if (length === ids.length) {
        const larger = new Int32Array(length * 2);
        larger.set(ids);
        ids = larger;
      }
      // What is no token id becomes -1, which the outcome names.
      ids[length] = Number.isInteger(id) && id >= 0 ? id : -1;
      length += 1;
    },
    all: () => ids.slice(0, length),
  };
};

/** Judges the output of a run that exited 0: complete when the tool's count equals the number of ids. */
export const tokenizeOutcome = (run: TokenizeRun): Outcome => {
  const error = run.errors[0];
  if (error !== undefined) return { status: "refused", message: error };
  if (run.count === undefined) return { status: "incomplete", missing: "the total number of tokens" };
  if (run.count !== run.ids.length)
    return { status: "incomplete", missing: `token ${run.ids.length + 1} of ${run.count}` };
  return run.ids.includes(-1) ? { status: "incomplete", missing: "a readable token id" } : complete;
};
