import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "../../base/result.ts";
import { readGguf } from "../../llama/gguf.ts";
import { loadParser } from "../../llama/load-only.ts";
import { modelShape } from "../../llama/model-shape.ts";
import type { FitSettings } from "../../pipeline/pipeline.ts";
import { cardOf, deviceKind } from "../../select/fit/card.ts";
import type { FitFile } from "../../select/fit/file-fit.ts";
import { chooseFit, type Fit, type FitChoice } from "../../select/fit/fit.ts";
import { verify, type Verification } from "../../select/fit/verification.ts";
import { type FitWish, settingsOf } from "../../select/fit/wish.ts";
import { findDevice } from "../../select/memory/devices.ts";
import { usualSettings } from "../../select/memory/settings.ts";
import { loadArgv, loadedSettings } from "../fit/loaded-settings.ts";
import { serverCommand } from "../fit/server-command.ts";
import { readJson } from "./read-json.ts";
import type { SelectionFile } from "./select.ts";
import type { StepContext, StepImplementation } from "./step.ts";

interface FitParams extends FitSettings {
  /** Of the pipeline. */
  readonly name: string;
  readonly validated: Fit["validated"];
}

/** Which certified quant goes onto the GPU with how long a context; headers only, and one load where that is asked for. */
export const fit: StepImplementation = {
  run: async (context) => {
    const params = context.spec.params as unknown as FitParams;
    const files = certified(context);
    if (!files.ok) return files;
    const wish = wishOf(params);
    const planned = chooseFit(files.value, wish, params.validated, (type) => `${params.name}-${type}.gguf`);
    const { choice } = planned;
    const server = choice === null ? undefined : serverCommand(choice.file, choice.loading, wish);
    const verified =
      params.verify && server !== undefined ? await verifyChoice(context, choice, files.value, wish) : ok(null);
    if (!verified.ok) return verified;
    const found: Fit = { ...planned, server: server ?? null, verification: verified.value };
    writeFileSync(context.path("fit"), `${JSON.stringify(found, null, 2)}\n`);
    return ok(null);
  },
};

const wishOf = ({
  gpu,
  vram,
  reserve,
  context,
  kv,
  parallel,
}: FitParams): FitWish & { readonly card: NonNullable<FitWish["card"]> } => {
  const device = gpu === null ? undefined : findDevice(gpu);
  const card = cardOf(device, vram ?? undefined);
  if (card === undefined) throw new Error(`Internal error: no GPU ${gpu ?? ""} and no size`);
  return { card, device: deviceKind(device), reserve, context, kv, parallel, microBatch: usualSettings.microBatch };
};

/** What passed and counts, with the headers of the files. */
const certified = (context: StepContext): Result<FitFile[]> => {
  const { candidates } = readJson(context, "selection") as SelectionFile;
  const files: FitFile[] = [];
  for (const { type, verdict, blockedBy } of candidates) {
    if (verdict !== "PASS" || blockedBy !== undefined) continue;
    const { path, size } = context.input(`${type}.gguf`);
    const gguf = readGguf(path);
    const shape = gguf.ok ? modelShape(gguf.value) : gguf;
    if (!shape.ok) return err({ reason: "model-unusable", file: `${type}.gguf`, why: shape.error.why });
    files.push({ name: type, bytes: size, shape: shape.value });
  }
  return ok(files);
};

const textName = "text.txt";

/** The tool loses the end of what it says more often here than elsewhere, as it does nothing before it ends: so twice the tries. */
const verifyChoice = async (
  context: StepContext,
  choice: FitChoice | null,
  files: readonly FitFile[],
  wish: FitWish,
): Promise<Result<Verification | null>> => {
  const file = files.find(({ name }) => name === choice?.type);
  if (choice === null || file === undefined) return ok(null);
  writeFileSync(join(context.scratch, textName), "a\n");
  const once = (): Promise<Result<Verification>> => load(context, choice, file, wish);
  const first = await context.repeat(once);
  return first.ok || first.error.reason !== "tool-incomplete" ? first : context.repeat(once);
};

/** A cache that fits a GPU may not fit this machine's memory, and it is written in full; what was loaded is reported. */
const mostOnProcessor = 4096;

const load = async (
  { tool, toolchain, spec }: StepContext,
  { type, loading }: FitChoice,
  { shape }: FitFile,
  wish: FitWish,
): Promise<Result<Verification>> => {
  const { backend } = toolchain.numeric;
  const tokens = backend === "cpu" ? Math.min(loading.context, mostOnProcessor) : loading.context;
  const settings = loadedSettings(settingsOf(wish, loading.kv), tokens, backend);
  const parser = loadParser();
  const argv = loadArgv({ model: `${type}.gguf`, text: textName, jsonLog: toolchain.jsonLog }, settings);
  const run = await tool("llama-perplexity", () => argv, parser.push);
  if (!run.ok) return run;
  const missing = "the sizes of its buffers";
  if (!parser.loaded())
    return err({
      reason: "tool-incomplete",
      tool: "llama-perplexity",
      step: spec.id,
      missing,
      attempts: 1,
      log: run.value.log,
    });
  const onProcessor = settings.device === "none";
  const measured = parser.buffers()[onProcessor ? "cpu" : "gpu"];
  const checked = verify(shape, settings, measured);
  return ok({ by: onProcessor ? "processor" : "gpu", tool: "llama-perplexity", settings, ...checked, nvidiaSmi: null });
};
