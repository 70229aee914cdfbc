import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileFailure, interruption, type Failure } from "../../base/failure.ts";
import { stepId } from "../../base/ids.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { formatBytes } from "../../base/units.ts";
import { toolEnvironment } from "../../llama/env.ts";
import { loadParser } from "../../llama/load-only.ts";
import type { KvRow } from "../../select/fit/file-fit.ts";
import { verify, type Verification } from "../../select/fit/verification.ts";
import { type FitWish, settingsOf } from "../../select/fit/wish.ts";
import { estimateAccepted } from "../../select/memory/estimate.ts";
import type { MemorySettings } from "../../select/memory/settings.ts";
import { command, type CommandEnd } from "../toolchain/command.ts";
import { loadArgv, loadedSettings } from "./loaded-settings.ts";
import { copyName, type FitModel } from "./model-files.ts";
import { watchNvidiaSmi } from "./nvidia-smi.ts";
import type { DryRunOptions } from "./quant-files.ts";
import { findStandIn, measureWithStandIn } from "./stand-in.ts";

/**
 * Loads a file as one row of the table says and holds what llama.cpp allocates against the prediction. On a machine without a
 * GPU a server of the processor stands in for one where the tools have it (stand-in.ts); else the file is loaded on the
 * processor.
 */
export const verifyFit = async (
  model: FitModel,
  row: KvRow,
  wish: FitWish,
  options: DryRunOptions,
): Promise<Result<Verification>> => {
  const folder = await mkdtemp(join(tmpdir(), "gguf-pipeline-fit-"));
  try {
    const elsewhere = await linkModel(model, folder);
    if (elsewhere !== undefined) return err(elsewhere);
    const { backend } = options.toolchain.numeric;
    const settings = loadedSettings(settingsOf(wish, row.kv), row.context, backend);
    const standIn = backend === "cpu" ? await findStandIn(options.toolchain.directory) : undefined;
    if (standIn !== undefined) return await verifyWithStandIn(model, settings, folder, { ...options, standIn });
    const short = backend === "cpu" ? shortOfMemory(model, settings) : undefined;
    return short === undefined ? await load(model, settings, folder, options) : err(short);
  } catch (error) {
    return err(fileFailure(error, folder, "write"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const textName = "text.txt";

/** What lies elsewhere cannot be loaded. */
const linkModel = async ({ name, files }: FitModel, folder: string): Promise<Failure | undefined> => {
  await writeFile(join(folder, textName), "a\n");
  for (const [index, { path }] of files.entries()) {
    if (path === null)
      return { reason: "unusable-argument", message: `--verify loads the model, and ${name} is not on this machine` };
    await symlink(resolve(path), join(folder, copyName(index, files.length)));
  }
  return undefined;
};

/** The cache is really written, and a machine that swaps helps nobody. Weights are mapped, and need no room of their own. */
const shortOfMemory = ({ shape }: FitModel, settings: MemorySettings): Failure | undefined => {
  const { components, cpu } = estimateAccepted(shape, settings);
  const need = cpu - (components.find(({ name }) => name === "weights")?.cpu ?? 0);
  const free = process.availableMemory();
  if (need <= free) return undefined;
  const [taken, left] = [formatBytes(Math.ceil(need)), formatBytes(free)];
  const message = `to verify this on the processor takes ${taken} of memory, and ${left} are free: give a shorter --context`;
  return { reason: "unusable-argument", message };
};

/** A tool may lose the end of what it says although it exits 0: of short loads up to a quarter. */
const tries = 8;

const load = async (
  model: FitModel,
  settings: MemorySettings,
  folder: string,
  options: DryRunOptions,
): Promise<Result<Verification>> => {
  for (let left = tries; ; left -= 1) {
    const loaded = await loadOnce(model, settings, folder, options);
    if (loaded.ok || left === 1 || loaded.error.reason !== "tool-incomplete") return loaded;
  }
};

const loadOnce = async (
  { shape, files }: FitModel,
  settings: MemorySettings,
  folder: string,
  { toolchain, environment, signal }: DryRunOptions,
): Promise<Result<Verification>> => {
  const parser = loadParser();
  const env = toolEnvironment(environment, folder);
  const smi = settings.device === "cuda" ? watchNvidiaSmi(env) : undefined;
  const argv = loadArgv({ model: copyName(0, files.length), text: textName, jsonLog: false }, settings);
  const said: string[] = [];
  const ended = await command(join(toolchain.directory, tool), argv, {
    env,
    cwd: folder,
    signal,
    onText: (text) => {
      parser.push(text, "stderr");
      said.push(text);
    },
  });
  const nvidiaSmi = (await smi?.end()) ?? null;
  if (!parser.loaded()) return err(notLoaded(tool, ended, said.join(""), signal));
  const measured = parser.buffers()[settings.device === "none" ? "cpu" : "gpu"];
  const by = settings.device === "none" ? "processor" : "gpu";
  return ok({ by, tool, settings, ...verify(shape, settings, measured), nvidiaSmi });
};

const tool = "llama-perplexity";

const notLoaded = (name: string, ended: CommandEnd, said: string, signal: AbortSignal | undefined): Failure => {
  const step = stepId("fit");
  if (ended.cancelled) return interruption(signal);
  if (ended.trouble === undefined)
    return {
      reason: "tool-incomplete",
      tool: name,
      step,
      missing: "the sizes of its buffers",
      attempts: tries,
      log: "",
    };
  const lastLines = said
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-12);
  return { reason: "tool-failed", tool: name, step, message: `it ${ended.trouble}`, lastLines, log: "" };
};

/** The server has a GPU's part, without what only CUDA adds. */
const verifyWithStandIn = async (
  { shape, files }: FitModel,
  loaded: MemorySettings,
  folder: string,
  { standIn, environment, signal }: DryRunOptions & { readonly standIn: Parameters<typeof measureWithStandIn>[0] },
): Promise<Result<Verification>> => {
  const settings: MemorySettings = { ...loaded, device: "other" };
  const env = toolEnvironment(environment, folder);
  const measured = await measureWithStandIn(standIn, copyName(0, files.length), settings, { env, cwd: folder, signal });
  if (!("buffers" in measured)) return err(notLoaded("llama-fit-params", measured.ended, measured.said, signal));
  const checked = verify(shape, settings, measured.buffers);
  return ok({ by: "stand-in", tool: "llama-fit-params", settings, ...checked, nvidiaSmi: null });
};
