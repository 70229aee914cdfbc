import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { describeFailure } from "../report/describe-failure.ts";
import type { StoreSummary } from "../run/record.ts";
import type { Session } from "../run/session.ts";
import { collect, defaultMax, foreseeCollection } from "../store/collect.ts";
import type { Layout } from "../store/layout.ts";
import { environment } from "./settings.ts";
import { parseMax, sizeWords } from "./size.ts";

/** `--cache-max`, else PIPELINE_CACHE_MAX; undefined where neither is given: then it is a part of the file system. */
export const cacheMax = (option: number | undefined): Result<number | undefined> => {
  const named = environment()["PIPELINE_CACHE_MAX"];
  if (option !== undefined || named === undefined || named === "") return ok(option);
  const max = parseMax(named);
  if (max !== undefined) return ok(max);
  return err({ reason: "unusable-argument", message: `PIPELINE_CACHE_MAX is ${named}, and must be ${sizeWords}` });
};

/** The limit of a store, bytes. @throws what node:fs throws */
export const maxOf = (layout: Layout, max: number | undefined): number => max ?? defaultMax(layout);

/**
 * Brings the store below its limit after a run, and says how large it is. Trouble with it is a warning: the results are
 * in place. A run that was told to stop is not kept waiting.
 */
export const tidyStore = (
  { layout, emit }: Session,
  max: number | undefined,
  interrupted: boolean,
): StoreSummary | null => {
  try {
    const limit = maxOf(layout, max);
    const { plan, state } =
      interrupted || layout.readOnly ? foreseeCollection(layout, Infinity) : collect(layout, limit);
    return {
      ...state,
      // JSON has no infinity.
      max: Number.isFinite(limit) ? limit : null,
      collected: { actions: plan.actions.length, bytes: plan.before - plan.after },
      kept: plan.kept,
    };
  } catch (error) {
    const { headline } = describeFailure(fileFailure(error, layout.root, "collect the store in"));
    emit({ type: "notice", level: "warning", message: `the store was not brought below its limit: ${headline}` });
    return null;
  }
};
