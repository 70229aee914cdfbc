import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { parseSeconds } from "../base/units.ts";
import { backends } from "../pipeline/pipeline.ts";
import type { CollectOptions, VerifyCommandOptions } from "./cache.ts";
import type { InspectCommandOptions } from "./corpus.ts";
import type { ExplainCommandOptions } from "./explain.ts";
import type { FitCommandOptions } from "./fit.ts";
import type { ReportCommandOptions } from "./report.ts";
import type { RunCommandOptions } from "./run.ts";
import type { PlanCommandOptions } from "./plan.ts";
import type { SharedOptions } from "./settings.ts";
import type { InstallCommandOptions } from "./toolchain.ts";
import { exitCodes } from "./exit-code.ts";
import {
  countUpTo,
  parseCacheTypes,
  parseContext,
  parseDevice,
  parseMemory,
  parseQuantTypes,
  parseReserve,
} from "./fit-options.ts";
import { parseMax, sizeWords } from "./size.ts";
import { version } from "./version.ts";

/** Runs one command line and returns its exit code. What is thrown past here is a bug and is shown as one. */
export const main = async (argv: readonly string[]): Promise<number> => {
  // A reader that goes away, as `head` does, must neither end a run nor print a stack trace.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);
  let exitCode = 0;
  const program = describe(argv[2], (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usage(error, argv.includes("--json"));
    const { formatBug } = await import("../report/bug.ts");
    process.stderr.write(formatBug(error, { program: version, node: process.version, platform: process.platform }));
    return exitCodes.failed;
  }
};

const ignoreClosedPipe = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "EPIPE") throw error;
};

/** Commander has told people already. */
const usage = ({ message }: CommanderError, json: boolean): number => {
  const failures = [{ reason: "unusable-argument", message: message.replace(/^error: /, "") }];
  const result = { type: "result", ok: false, exitCode: exitCodes.usage, failures };
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  return exitCodes.usage;
};

/**
 * Commands are imported when they run: a help text must not wait for the terminal view to load. One that is named is the only
 * one that is described, since describing all takes as long as a small command itself.
 */
const describe = (named: string | undefined, done: (exitCode: number) => void): Command => {
  const program = new Command("pipeline")
    .description("Finds the smallest GGUF quant that is shown to stay inside your tolerance, on your own text.")
    .version(version)
    .exitOverride()
    .showHelpAfterError("(pipeline --help shows the commands)");
  const own = named !== undefined && Object.hasOwn(adders, named) ? adders[named] : undefined;
  for (const add of own === undefined ? new Set(Object.values(adders)) : [own]) add(program, done);
  return program;
};

const json = (): Option => new Option("--json", "for programs: JSON on stdout");
const llamaCpp = (): Option => new Option("--llama-cpp <dir>", "directory of the llama.cpp tools");
const cache = (): Option => new Option("--cache <dir>", "where results are kept between runs");
const cacheReadOnly = (): Option => new Option("--cache-read-only", "use what is kept there, and write nothing to it");
const offline = (): Option =>
  new Option("--offline", "ask no server: only what is here is used, and what is missing is named");
const alwaysHash = (): Option =>
  new Option("--always-hash", "read every input once, whatever is remembered of it: for network file systems");
const junit = (): Option => new Option("--junit <file>", "JUnit XML, with a case for each candidate and gate");
const list = (value: string, earlier: string[] = []): string[] => [...earlier, value];

const addRun = (program: Command, done: (exitCode: number) => void): void => {
  program
    .command("run <file>")
    .description("run a pipeline; what is done already is not done again")
    .option("--out <dir>", "results go to <dir>/<name>/", "out")
    .addOption(offline())
    .addOption(cache())
    .addOption(cacheReadOnly())
    .addOption(alwaysHash())
    .addOption(llamaCpp())
    .option("--yes", "build llama.cpp without asking where it is missing")
    .option("--keep-going", "after a failure, go on with what does not depend on it")
    .option("--only <steps>", "only these steps (globs such as quantize/*); may be repeated", list)
    .option("--force <steps>", "run these steps although they are cached; may be repeated", list)
    .option("--jobs <n>", "tools at a time", positive, 1)
    .option("--threads <n>", "threads over all tools; default: all cores", positive)
    .addOption(
      new Option("--frozen", "only with exactly what <name>.lock beside the file says").conflicts("updateLock"),
    )
    .option("--update-lock", "write into <name>.lock what this run uses")
    .option("--deadline <time>", "end after such a time, as 5h30m, so that the next run goes on from there", duration)
    .option("--no-machine-lock", "do not share cores and GPU with other runs, which may then be slow together")
    .addOption(junit())
    .option("--cache-max <size>", "keep the cache below this at the end; default: a third of its file system", size)
    .addOption(json())
    .action(async (file: string, options: RunCommandOptions) =>
      done(await (await import("./run.ts")).run(file, options)),
    );
};

const addPlan = (program: Command, done: (exitCode: number) => void): void => {
  program
    .command("plan <file>")
    .description("what a run would do now, step by step, and why")
    .addOption(offline())
    .addOption(cache())
    .addOption(cacheReadOnly())
    .addOption(alwaysHash())
    .addOption(llamaCpp())
    .option("--force <steps>", "as if these steps were forced; may be repeated", list)
    .addOption(json())
    .action(async (file: string, options: PlanCommandOptions) =>
      done(await (await import("./plan.ts")).plan(file, options)),
    );
};

const addReport = (program: Command, done: (exitCode: number) => void): void => {
  program
    .command("report [out]")
    .description("make the files of a report again from its report.json, or hold it against an earlier one")
    .option("--open", "show it in the program that the desktop has for it")
    .addOption(junit())
    .addOption(
      new Option("--compare <base>", "what changed since this report; 5 when it is worse").conflicts(["open", "junit"]),
    )
    .option("--markdown", "with --compare: as Markdown, for a pull request")
    .addOption(json())
    .action(async (out: string | undefined, options: ReportCommandOptions) =>
      done(await (await import("./report.ts")).report(out ?? "out", options)),
    );
};

const addExplain = (program: Command, done: (exitCode: number) => void): void => {
  program
    .command("explain <what> [file]")
    .description("why a candidate such as Q4_K_M got its verdict; what a step such as quantize/Q4_K_M rests on")
    .option("--out <dir>", "where run put its results", "out")
    .addOption(cache())
    .addOption(llamaCpp())
    .addOption(offline())
    .addOption(json())
    .action(async (what: string, file: string | undefined, options: ExplainCommandOptions) =>
      done(await (await import("./explain.ts")).explain(what, file, options)),
    );
};

const addFit = (program: Command, done: (exitCode: number) => void): void => {
  program
    .command("fit <models...>")
    .description("what a GGUF model takes of a GPU's memory, and the longest context that fits beside it")
    .option("--gpu <name>", "the GPU, such as rtx-4090: its memory and its bandwidth", parseDevice)
    .option("--vram <size>", "how much memory there is, such as 8GiB; before that of the GPU", parseMemory)
    .option("--reserve <size>", "what stays free; default: 1GiB, as in llama.cpp", parseReserve)
    .option("--kv <types>", "types of the KV cache; the first one is meant", parseCacheTypes, ["f16", "q8_0", "q4_0"])
    .option("--parallel <n>", "sequences at once, each with its own context", countUpTo(256), 1)
    .option("--context <tokens>", "so many tokens and no more, or max", parseContext, "max")
    .option("--ubatch <n>", "tokens of a micro-batch", countUpTo(65_536), 512)
    .option("--matrix", "quants against sizes of memory, for this model; needs the tools, and only the file's header")
    .option("--types <types>", "quants of the matrix", parseQuantTypes, ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M"])
    .option("--compare <files...>", "further files, side by side")
    .option("--verify", "load it so through llama.cpp, and compare what it allocates")
    .option("--markdown", "the same as Markdown")
    .addOption(llamaCpp())
    .addOption(offline())
    .addOption(json())
    .action(async (files: string[], options: FitCommandOptions) =>
      done(await (await import("./fit.ts")).fit(files, options)),
    );
};

const addCorpus = (program: Command, done: (exitCode: number) => void): void => {
  program
    .command("corpus")
    .description("the texts of a pipeline")
    .command("inspect <file>")
    .description("assemble the texts and say what is in them: sizes, what was dropped and why, overlap, samples")
    .addOption(cache())
    .addOption(llamaCpp())
    .option("--yes", "build llama.cpp without asking where it is missing")
    .addOption(offline())
    .addOption(json())
    .action(async (file: string, options: InspectCommandOptions) =>
      done(await (await import("./corpus.ts")).inspectCorpus(file, options)),
    );
};

const addCache = (program: Command, done: (exitCode: number) => void): void => {
  const commands = program.command("cache").description("what is kept between runs");
  commands
    .command("ls")
    .description("what is in the cache, by pipeline and step; how much of it can be collected")
    .addOption(cache())
    .addOption(json())
    .action(async (options: SharedOptions) => done(await (await import("./cache.ts")).listCache(options)));
  commands
    .command("verify")
    .description("whether everything recorded is there; what is damaged goes to quarantine")
    .option("--full", "read every byte, and compare it with its digest")
    .addOption(cache())
    .addOption(json())
    .action(async (options: VerifyCommandOptions) => done(await (await import("./cache.ts")).verifyCache(options)));
  commands
    .command("gc")
    .description("take away what was not used for longest, until the cache is small enough")
    .option("--dry-run", "only say what would go")
    .option("--max <size>", "how large it may be; default: PIPELINE_CACHE_MAX, else a third of its file system", size)
    .addOption(cache())
    .addOption(json())
    .action(async (options: CollectOptions) => done(await (await import("./cache.ts")).collectCache(options)));
  commands
    .command("pin <name>")
    .description("keep what the newest finished run of the pipeline of that name made and used")
    .addOption(cache())
    .addOption(json())
    .action(async (name: string, options: SharedOptions) =>
      done(await (await import("./cache.ts")).pinCache(name, options)),
    );
  commands
    .command("unpin <name>")
    .description("keep it no longer")
    .addOption(cache())
    .addOption(json())
    .action(async (name: string, options: SharedOptions) =>
      done(await (await import("./cache.ts")).unpinCache(name, options)),
    );
};

const addFileCommands = (program: Command, done: (exitCode: number) => void): void => {
  program
    .command("check <file>")
    .description("every mistake in a pipeline file, at once")
    .addOption(offline())
    .addOption(json())
    .action(async (file: string, options: SharedOptions) =>
      done(await (await import("./check.ts")).check(file, options)),
    );
  program
    .command("init [file]")
    .description("write a commented pipeline file to start from")
    .addOption(json())
    .action(async (file: string | undefined, options: { json?: boolean }) =>
      done((await import("./init.ts")).init(file ?? "pipeline.yaml", options)),
    );
  program
    .command("schema")
    .description("the JSON Schema of pipeline files, for editors")
    .addOption(json())
    .action(async () => done((await import("./schema.ts")).schema()));
};

const addMachineCommands = (program: Command, done: (exitCode: number) => void): void => {
  program
    .command("doctor")
    .description("what this machine has, what it lacks, and what mends it")
    .addOption(llamaCpp())
    .addOption(json())
    .action(async (options: SharedOptions) => done(await (await import("./doctor.ts")).doctor(options)));
  const toolchain = program.command("toolchain").description("the llama.cpp tools");
  toolchain
    .command("install")
    .description("build llama.cpp into the user's cache directory, once for all projects")
    .addOption(new Option("--backend <name>", "what computes").choices(backends).default("auto"))
    .option("--native", "for exactly this processor; results are then not shared with other machines")
    .addOption(json())
    .action(async (options: InstallCommandOptions) =>
      done(await (await import("./toolchain.ts")).installCommand(options)),
    );
  toolchain
    .command("path")
    .description("print the directory of the tools in use")
    .addOption(llamaCpp())
    .addOption(json())
    .action(async (options: SharedOptions) => done(await (await import("./toolchain.ts")).pathCommand(options)));
};

type Add = (program: Command, done: (exitCode: number) => void) => void;

/** In the order in which a help text lists them. */
const adders: Readonly<Record<string, Add>> = {
  run: addRun,
  plan: addPlan,
  report: addReport,
  explain: addExplain,
  fit: addFit,
  corpus: addCorpus,
  cache: addCache,
  check: addFileCommands,
  init: addFileCommands,
  schema: addFileCommands,
  doctor: addMachineCommands,
  toolchain: addMachineCommands,
};

const duration = (text: string): number => {
  const seconds = parseSeconds(text) ?? 0;
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError("It must be a time above 0, such as 90s, 45m or 5h30m.");
};

const size = (text: string): number => {
  const bytes = parseMax(text);
  if (bytes === undefined) throw new InvalidArgumentError(`It must be ${sizeWords}.`);
  return bytes;
};

const positive = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a whole number above 0.");
  return Number(text);
};
