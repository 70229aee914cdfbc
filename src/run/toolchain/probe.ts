import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { err, ok, type Result } from "../../base/result.ts";
import { toolNames, type ToolName } from "../../base/tool.ts";
import { command, type CommandEnd } from "./command.ts";
import { parseDevices, type Device } from "./device.ts";
import { probeEnvironment, type Environment } from "./environment.ts";
import { executableState } from "./executable.ts";
import { parseVersion, type Version } from "./version.ts";

/** What the tools of a directory say of themselves. */
export interface Probe {
  readonly version: Version;
  /** Flags that a pipeline needs and a tool does not know, as `llama-imatrix does not know --in-file`. */
  readonly lacking: readonly string[];
  readonly jsonLog: boolean;
  readonly devices: readonly Device[];
}

const neededFlags: Readonly<Record<ToolName, readonly string[]>> = {
  "llama-imatrix": ["--output-format", "--in-file"],
  "llama-quantize": ["--dry-run"],
  "llama-perplexity": ["--kl-divergence-base", "--ppl-output-type"],
  "llama-tokenize": ["--ids"],
};
/** llama-quantize knows no `--help` and prints its usage for anything it does not understand. */
const helpArgv: Readonly<Record<ToolName, readonly string[]>> = {
  "llama-imatrix": ["--help"],
  "llama-quantize": [],
  "llama-perplexity": ["--help"],
  "llama-tokenize": ["--help"],
};

/** Why the directory has no complete set of tools, or undefined when it has. Runs nothing. */
export const incomplete = async (directory: string): Promise<string | undefined> => {
  const states = await Promise.all(toolNames.map((tool) => executableState(join(directory, tool))));
  const having = (state: string): readonly string[] => toolNames.filter((_, index) => states[index] === state);
  const missing = having("missing");
  if (missing.length === toolNames.length) return "none of the four tools is there";
  if (missing.length > 0) return `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`;
  const dead = having("not-executable");
  return dead.length === 0 ? undefined : `${dead.join(" and ")} cannot be executed`;
};

/** Runs the tools of a directory to learn what they are. The error is one line that says what is wrong. */
export const probe = async (directory: string, env: Environment, timeoutMs: number): Promise<Result<Probe, string>> => {
  const empty = await mkdtemp(join(tmpdir(), "gguf-pipeline-probe-"));
  const options = { env: probeEnvironment(env, empty), cwd: empty, timeoutMs };
  const ask = (tool: ToolName, argv: readonly string[]): Promise<CommandEnd> =>
    command(join(directory, tool), argv, options);
  try {
    const [version, devices, ...helps] = await Promise.all([
      ask("llama-perplexity", ["--version"]),
      ask("llama-perplexity", ["--list-devices"]),
      ...toolNames.map((tool) => ask(tool, helpArgv[tool])),
    ]);
    return understand(version, devices, helps, timeoutMs);
  } finally {
    await rm(empty, { recursive: true, force: true });
  }
};

const understand = (
  answer: CommandEnd,
  devices: CommandEnd,
  helps: readonly CommandEnd[],
  timeoutMs: number,
): Result<Probe, string> => {
  const version = parseVersion(`${answer.stderr}\n${answer.stdout}`);
  if (version === undefined) return err(silence("llama-perplexity --version", answer, timeoutMs));
  const texts = helps.map((help) => `${help.stdout}\n${help.stderr}`);
  const mute = helps.findIndex((help, index) => help.timedOut || texts[index]?.trim() === "");
  const silent = helps[mute];
  if (silent !== undefined) return err(silence(toolNames[mute] ?? "", silent, timeoutMs));
  const lacking = toolNames.flatMap((tool, index) => unknownFlags(tool, texts[index] ?? ""));
  const jsonLog = hasFlag(texts[0] ?? "", "--log-jsonl") && hasFlag(texts[2] ?? "", "--log-jsonl");
  return ok({ version, lacking, jsonLog, devices: parseDevices(devices.stdout) });
};

const silence = (what: string, end: CommandEnd, timeoutMs: number): string => {
  if (end.timedOut) return `${what} gave no answer within ${timeoutMs / 1000} s`;
  const said = end.stderr.trim().split("\n")[0] ?? "";
  return `${what} ${end.trouble ?? "said nothing that is understood"}${said === "" ? "" : `: ${said}`}`;
};

const unknownFlags = (tool: ToolName, help: string): readonly string[] =>
  neededFlags[tool].filter((flag) => !hasFlag(help, flag)).map((flag) => `${tool} does not know ${flag}`);

const hasFlag = (help: string, flag: string): boolean => new RegExp(`(?<![\\w-])${flag}(?![\\w-])`).test(help);
