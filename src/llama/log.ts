import { lineReader, type LineReader } from "./lines.ts";

export type Stream = "stdout" | "stderr";

/** Takes the text of a tool, cut at any point, as `Exec` gives it. */
export type OnText = (text: string, stream: Stream) => void;

export interface ToolLog {
  /** Takes raw bytes, cut at any point. */
  readonly write: (bytes: Uint8Array, stream: Stream) => void;
  /** To be called once, when both streams have ended. */
  readonly end: () => void;
  /** The last lines with something in them, of both streams in order of arrival; at most 200. */
  readonly lastLines: () => readonly string[];
}

const ringSize = 200;
/** Longest JSON line, UTF-16 code units. The longest real one, system information, is below 1,000. */
const longestJson = 1024 * 1024;

/**
 * Turns what a llama.cpp tool writes into text for `onText`. With `jsonLog`, stdout holds one JSON object a line
 * (`--log-jsonl`, common/log.cpp), whose `msg` are pieces of text that together make the lines; a piece of level
 * warning or error that starts a line gets `W ` or `E ` before it, so that both forms name the level in the same way.
 * Records of another type and lines that are no JSON (an assertion's message) are passed as they are. Bytes that are no
 * UTF-8 become U+FFFD.
 */
export const toolLog = (jsonLog: boolean, onText: OnText): ToolLog => {
  const ring = lineRing();
  const emit: OnText = (text, stream) => {
    ring.push(text, stream);
    onText(text, stream);
  };
  const sinks = {
    stdout: jsonLog ? jsonSink((text) => emit(text, "stdout")) : rawSink((text) => emit(text, "stdout")),
    stderr: rawSink((text) => emit(text, "stderr")),
  };
  return {
    write: (bytes, stream) => sinks[stream].write(bytes),
    end: () => {
      sinks.stdout.end();
      sinks.stderr.end();
    },
    lastLines: ring.lines,
  };
};

interface Sink {
  readonly write: (bytes: Uint8Array) => void;
  readonly end: () => void;
}

const rawSink = (onText: (text: string) => void): Sink => {
  const decoder = new TextDecoder();
  const give = (text: string): void => {
    if (text !== "") onText(text);
  };
  return { write: (bytes) => give(decoder.decode(bytes, { stream: true })), end: () => give(decoder.decode()) };
};

const jsonSink = (onText: (text: string) => void): Sink => {
  let atLineStart = true;
  const onLine = (line: string): void => {
    const text = recordText(line, atLineStart);
    if (text === "") return;
    atLineStart = text.endsWith("\n");
    onText(text);
  };
  let pending = "";
  return rawSinkInto({
    push: (text) => {
      const lines = (pending + text).split("\n");
      pending = lines.pop() ?? "";
      for (const line of lines) onLine(line);
      if (pending.length <= longestJson) return;
      onText(pending);
      pending = "";
    },
    end: () => {
      if (pending !== "") onLine(pending);
    },
  });
};

const rawSinkInto = (target: Pick<LineReader, "push" | "end">): Sink => {
  const sink = rawSink(target.push);
  return {
    write: sink.write,
    end: () => {
      sink.end();
      target.end();
    },
  };
};

/** Text of one line of a JSON log. */
const recordText = (line: string, atLineStart: boolean): string => {
  const record = parseRecord(line);
  if (record === undefined) return line.trim() === "" ? "" : `${line}\n`;
  if (record.type !== "log" || typeof record.msg !== "string") return "";
  const mark = record.level === "error" ? "E " : record.level === "warn" ? "W " : "";
  if (mark === "" || record.msg.trim() === "") return record.msg;
  const lead = /^\n*/.exec(record.msg)?.[0] ?? "";
  return atLineStart || lead !== "" ? `${lead}${mark}${record.msg.slice(lead.length)}` : record.msg;
};

interface LogRecord {
  readonly type?: unknown;
  readonly level?: unknown;
  readonly msg?: unknown;
}

const parseRecord = (line: string): LogRecord | undefined => {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // Cut short by the end of the tool, or no record at all.
    return undefined;
  }
};

const lineRing = (): { readonly push: OnText; readonly lines: () => readonly string[] } => {
  const kept: string[] = [];
  const keep = (line: string): void => {
    if (line.trim() === "") return;
    kept.push(line);
    if (kept.length > ringSize) kept.shift();
  };
  const readers = { stdout: lineReader(keep), stderr: lineReader(keep) };
  return {
    push: (text, stream) => readers[stream].push(text),
    lines: () => {
      const open = [readers.stdout.rest(), readers.stderr.rest()].filter((line) => line.trim() !== "");
      return [...kept, ...open].slice(-ringSize);
    },
  };
};
