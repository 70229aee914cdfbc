import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { toolNames, type ToolName } from "../../src/base/tool.ts";

const made: string[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map((directory) => rm(directory, { recursive: true, force: true })));
});

/** A directory that is gone after the test. */
export const scratch = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "toolchain test-"));
  made.push(directory);
  return directory;
};

const help: Readonly<Record<ToolName, string>> = {
  "llama-imatrix": "--log-jsonl, --no-log-jsonl  Log\n--in-file FNAME  an input\n--output-format {gguf,dat}  output",
  "llama-quantize": "usage: llama-quantize [--help] [--keep-split] [--dry-run]",
  "llama-perplexity": "--log-jsonl  Log\n--save-all-logits, --kl-divergence-base FNAME\n--ppl-output-type <0|1>",
  "llama-tokenize": "--ids  only print the token IDs",
};

export interface FakeOptions {
  readonly version?: string;
  readonly devices?: string;
  /** Whole scripts in place of the tool; null leaves it out. */
  readonly tools?: Readonly<Partial<Record<ToolName, string | null>>>;
  /** Removed from what the tools print. */
  readonly without?: string;
}

/** Shell scripts that answer as llama.cpp's tools do, and append a line to `calls` beside them each time they run. */
export const fakeTools = async (directory: string, options: FakeOptions = {}): Promise<string> => {
  await mkdir(directory, { recursive: true });
  for (const tool of toolNames) {
    const script = options.tools?.[tool];
    if (script !== null) await executable(join(directory, tool), script ?? answer(directory, tool, options));
  }
  return directory;
};

export const executable = async (path: string, script: string): Promise<void> => {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
};

const answer = (directory: string, tool: ToolName, options: FakeOptions): string => `
echo "$0 $*" >> '${directory}/calls'
case "$1" in
  --version) echo 'version: ${options.version ?? "0.5.0-dev (build 1, commit de3ff81)"}' >&2 ;;
  --list-devices) printf 'Available devices:\\n%s\\n' '${options.devices ?? "  (none)"}' ;;
  *) printf '%s\\n' '${help[tool].replaceAll(options.without ?? "\0", "")}'
  [ ${tool} != llama-quantize ] || exit 1 ;;
esac`;

/** Whether a process runs or is stopped; one that only waits to be collected does not count. */
export const runs = async (pid: string | number): Promise<boolean> => {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return !/\) [ZX]/.test(text);
};
