/** How a command is run. The environment is always given whole: nothing is inherited unseen. */
export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Gets the text of both streams as it comes; the result then holds none. */
  readonly onText?: (text: string) => void;
}

/** How a command ended. Never thrown: a command that cannot be started ends with `trouble`. */
export interface CommandEnd {
  readonly exitCode?: number;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not end with an exit code of 0, in a few words. */
  readonly trouble?: string;
}

/** Runs a program without a shell. When it is ended early, every process below it is ended too. */
export const command = async (file: string, argv: readonly string[], options: CommandOptions): Promise<CommandEnd> => {
  // Imported only here: execa costs 80 ms at start, and a start that finds everything in the cache runs no command.
  const { execa } = await import("execa");
  const child = execa(file, argv, {
    env: options.env,
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    all: true,
    buffer: options.onText === undefined,
    stripFinalNewline: false,
    maxBuffer: 4_000_000,
    killDescendants: true,
    forceKillAfterDelay: 2000,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const { onText } = options;
  if (onText !== undefined) child.all.setEncoding("utf8").on("data", (text: string) => onText(text));
  const end = await child;
  return {
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
    timedOut: end.timedOut,
    cancelled: end.isCanceled,
    stdout: text(end.stdout),
    stderr: text(end.stderr),
    ...(end.failed ? { trouble: trouble(end) } : {}),
  };
};

const text = (output: unknown): string => (typeof output === "string" ? output : "");

const trouble = (end: {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly timedOut: boolean;
  readonly code?: string | undefined;
}): string => {
  if (end.timedOut) return "gave no answer in time";
  if (end.signal !== undefined) return `was ended by ${end.signal}`;
  if (end.exitCode !== undefined) return `exited with ${end.exitCode}`;
  return `could not be started (${end.code ?? "unknown cause"})`;
};
