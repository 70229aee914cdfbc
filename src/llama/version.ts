/** What a llama.cpp tool says about itself. */
export interface ToolVersion {
  /** As printed: `0.5.0-dev (build 1, commit de3ff81)`. */
  readonly text: string;
  /** `0.5.0` of `0.5.0-dev`; `0.0.0` of tools from before August 2026, which print a build number alone. */
  readonly number: string;
  readonly build?: number;
  /** Abbreviated commit hash, unless built outside a repository. */
  readonly commit?: string;
  /** `GNU 12.2.0 for Linux x86_64` */
  readonly compiler?: string;
}

/**
 * Flags that make a tool print its version: stderr, exit 0. llama-quantize knows no such flag; it prints the line on
 * stderr, between other output, whenever it quantizes (`QuantizeRun.version`).
 */
export const versionArgv: readonly string[] = ["--version"];

const newPattern = /^version: ((\d+\.\d+\.\d+)\S* \(build (\d+), commit ([0-9a-z]+)\))/m;
const oldPattern = /^version: ((\d+) \(([0-9a-z]+)\))/m;

/** Reads what `--version` printed, stderr and stdout together; undefined when it holds no version. */
export const parseVersion = (output: string): ToolVersion | undefined => {
  const compiler = /^built with (.+?)\r?$/m.exec(output)?.[1];
  const built = compiler === undefined ? {} : { compiler };
  const [, text, number, build, commit] = newPattern.exec(output) ?? [];
  if (text !== undefined && number !== undefined)
    return { text, number, build: Number(build), ...commitOf(commit), ...built };
  const [, oldText, oldBuild, oldCommit] = oldPattern.exec(output) ?? [];
  if (oldText === undefined) return undefined;
  return { text: oldText, number: "0.0.0", build: Number(oldBuild), ...commitOf(oldCommit), ...built };
};

const commitOf = (text: string | undefined): { commit?: string } =>
  text === undefined || text === "unknown" ? {} : { commit: text };
