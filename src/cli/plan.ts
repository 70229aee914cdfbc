import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Toolchain } from "../base/tool.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { foresee, type Forecast, type Foreseen } from "../plan/forecast.ts";
import { makePlan } from "../plan/plan.ts";
import { formatForecast } from "../report/plan.ts";
import { formatOutlook } from "../report/outlook.ts";
import { openBookkeeping } from "../run/bookkeeping.ts";
import { judgeNeed } from "../run/judge-need.ts";
import { foreseeDisk } from "../run/disk-outlook.ts";
import { checkLogitsDisk, logitsNeed } from "../run/logits-disk.ts";
import { seeModel } from "../run/model-outlook.ts";
import { takeSnapshot } from "../run/snapshot.ts";
import { decidable, type Outlook } from "../run/outlook.ts";
import { estimateSizes } from "../run/sizes.ts";
import { seeTexts } from "../run/text-outlook.ts";
import { estimateUnits } from "../run/units.ts";
import { findToolchain } from "../run/toolchain/find.ts";
import { openLayout, type Layout } from "../store/layout.ts";
import { openStoreMemo } from "../store/store-memo.ts";
import { fail, stdout } from "./console.ts";
import { findOptions } from "./find-tools.ts";
import { loadWithStdin } from "./load.ts";
import { matcher } from "./matcher.ts";
import { alwaysHashes, environment, networkEnvironment, storeDirectory, type SharedOptions } from "./settings.ts";

export interface PlanCommandOptions extends SharedOptions {
  readonly force?: string[];
}

/** `pipeline plan FILE`: what a run would do now, and why. */
export const plan = async (file: string, options: PlanCommandOptions): Promise<number> => {
  const json = options.json === true;
  const loaded = await loadWithStdin(file, options);
  if (!loaded.ok) return fail(loaded.error, json);
  const tools = await findToolchain(findOptions(options, loaded.value.llamaCpp));
  if (!tools.ok) return fail(tools.error, json);
  const steps = look(loaded.value, tools.value.toolchain, options);
  if (!steps.ok) return fail(steps.error, json);
  const outlook = await lookAhead(loaded.value, tools.value.toolchain, steps.value, options);
  if (!outlook.ok) return fail(outlook.error, json);
  const out = stdout();
  if (json) out.write(`${JSON.stringify({ pipeline: loaded.value.name, steps: steps.value, ...outlook.value })}\n`);
  else out.write(`${formatForecast(steps.value, { color: out.color })}${formatOutlook(outlook.value)}`);
  return 0;
};

/** What the run will have to do with: text, sizes, disk, and what so many units can decide. */
const lookAhead = async (
  pipeline: Pipeline,
  toolchain: Toolchain,
  steps: readonly Forecast[],
  options: PlanCommandOptions,
): Promise<Result<Outlook>> => {
  const layout = openLayout(storeDirectory(options), options.cacheReadOnly);
  if (!layout.ok) return layout;
  try {
    const seen = await seeModel(pipeline, networkEnvironment(options));
    if (!seen.ok) return seen;
    const header = seen.value?.header;
    const logits = checkLogitsDisk(pipeline, header);
    if (!logits.ok) return logits;
    const sizes = await estimateSizes(pipeline, toolchain, layout.value, environment());
    return ok({
      model: seen.value?.outlook ?? null,
      texts: seeTexts(pipeline),
      units: await estimateUnits(pipeline, toolchain, layout.value, environment()),
      sizes: sizes ?? null,
      logits: logitsNeed(pipeline, header) ?? null,
      disk: foreseeDisk(pipeline, layout.value, steps, sizes, header) ?? null,
      decidable: decidable(pipeline),
    });
  } catch (error) {
    return err(fileFailure(error, pipeline.file, "read the inputs of"));
  }
};

/** The forecast of a pipeline against a store. */
export const look = (pipeline: Pipeline, toolchain: Toolchain, options: PlanCommandOptions): Result<Forecast[]> => {
  const looked = lookClosely(pipeline, toolchain, options);
  return looked.ok ? ok(looked.value.forecasts) : looked;
};

/** The same with the actions that it rests on. */
export const lookClosely = (
  pipeline: Pipeline,
  toolchain: Toolchain,
  options: PlanCommandOptions,
): Result<Foreseen & { readonly layout: Layout }> => {
  const layout = openLayout(storeDirectory(options), options.cacheReadOnly);
  if (!layout.ok) return layout;
  const memo = openStoreMemo(layout.value, alwaysHashes(options));
  try {
    const books = openBookkeeping(pipeline, layout.value, toolchain, judgeNeed);
    const snapshot = takeSnapshot(layout.value, memo, pipeline.name, toolchain, matcher(options.force, false), books);
    return ok({ ...foresee(makePlan(pipeline), snapshot), layout: layout.value });
  } catch (error) {
    return err(fileFailure(error, pipeline.file, "read the inputs of"));
  }
};
