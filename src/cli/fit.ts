import { err, ok, type Result } from "../base/result.ts";
import { formatFit, formatFitMarkdown } from "../report/fit/command.ts";
import type { FitResult } from "../report/fit/result.ts";
import { type FitModel, readModels } from "../run/fit/model-files.ts";
import { quantFiles } from "../run/fit/quant-files.ts";
import { serverCommand } from "../run/fit/server-command.ts";
import { verifyFit } from "../run/fit/verify-fit.ts";
import { findToolchain } from "../run/toolchain/find.ts";
import { cardOf, deviceKind } from "../select/fit/card.ts";
import { fitFile } from "../select/fit/file-fit.ts";
import { fitMatrix, usualBudgets } from "../select/fit/matrix.ts";
import { budgetFor, type ContextWish, type FitWish } from "../select/fit/wish.ts";
import type { CacheType } from "../select/memory/cache-type.ts";
import type { Device } from "../select/memory/devices.ts";
import { fail, stdout } from "./console.ts";
import { exitCodes } from "./exit-code.ts";
import { findOptions } from "./find-tools.ts";
import { environment, networkEnvironment, type SharedOptions } from "./settings.ts";
import { cancelOnSignals } from "./signals.ts";

export interface FitCommandOptions extends SharedOptions {
  readonly gpu?: Device;
  /** bytes */
  readonly vram?: number;
  readonly reserve?: number;
  readonly kv: readonly CacheType[];
  readonly parallel: number;
  readonly context: ContextWish;
  readonly ubatch: number;
  readonly matrix?: boolean;
  readonly types: readonly string[];
  readonly compare?: readonly string[];
  readonly verify?: boolean;
  readonly markdown?: boolean;
}

/** `pipeline fit MODEL…`: what models take, and how long a context they leave room for. Exit code 3 where none fits. */
export const fit = async (files: readonly string[], options: FitCommandOptions): Promise<number> => {
  const json = options.json === true;
  const models = await readModels([...files, ...(options.compare ?? [])], networkEnvironment(options));
  if (!models.ok) return fail(models.error, json);
  const result = await gather(models.value, options);
  if (!result.ok) return fail(result.error, json);
  const out = stdout();
  if (json) out.write(`${JSON.stringify(result.value)}\n`);
  else out.write(options.markdown === true ? formatFitMarkdown(result.value) : formatFit(result.value, out));
  return result.value.ok ? 0 : exitCodes.doesNotFit;
};

const wishOf = ({ gpu, vram, reserve, kv, parallel, context, ubatch }: FitCommandOptions): FitWish => ({
  card: cardOf(gpu, vram) ?? null,
  device: deviceKind(gpu),
  reserve: reserve ?? null,
  context,
  kv,
  parallel,
  microBatch: ubatch,
});

const gather = async (models: readonly FitModel[], options: FitCommandOptions): Promise<Result<FitResult>> => {
  const wish = wishOf(options);
  const files = models.map((model) => fileOf(model, wish));
  const { card, context, kv, parallel, microBatch } = wish;
  const result: FitResult = {
    ok: files.some(({ loading }) => loading?.fits === true),
    card,
    budget: budgetFor(wish),
    wish: { context, kv, parallel, microBatch },
    files,
  };
  return options.matrix === true || options.verify === true ? withTools(result, models, wish, options) : ok(result);
};

const fileOf = (model: FitModel, wish: FitWish): FitResult["files"][number] => {
  const found = fitFile(model, wish);
  const server = found.loading === null ? undefined : serverCommand(model.path, found.loading, wish);
  return { ...found, server: server ?? null };
};

/** What llama.cpp itself has to say: sizes of quants that are not there, and what it really allocates. */
const withTools = async (
  result: FitResult,
  [model, ...others]: readonly FitModel[],
  wish: FitWish,
  options: FitCommandOptions,
): Promise<Result<FitResult>> => {
  if (model === undefined || others.length > 0)
    return err({ reason: "unusable-argument", message: "--matrix and --verify take one model" });
  const tools = await findToolchain(findOptions(options));
  if (!tools.ok) return tools;
  const run = { toolchain: tools.value.toolchain, environment: environment(), signal: cancelOnSignals() };
  const quants = options.matrix === true ? await quantFiles(model, options.types, run) : undefined;
  if (quants?.ok === false) return quants;
  const loading = options.verify === true ? result.files[0]?.loading : undefined;
  const verified =
    loading === null || loading === undefined || loading.context === 0
      ? undefined
      : await verifyFit(model, loading, wish, run);
  if (verified?.ok === false) return verified;
  return ok({
    ...result,
    ...(quants === undefined ? {} : { matrix: fitMatrix(quants.value, wish, usualBudgets) }),
    ...(verified === undefined ? {} : { verification: verified.value }),
  });
};
