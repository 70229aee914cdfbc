import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { nearest } from "../pipeline/words.ts";
import { formatCollection, formatPin, formatUsage, formatVerification } from "../report/cache.ts";
import type { Output } from "../report/output.ts";
import { viewCollection, viewUsage, type CacheVerification } from "../run/cache-view.ts";
import { listFinished, listPins, pinRun, unpinRun, type KeptRun } from "../store/kept.ts";
import { openLayout, type Layout } from "../store/layout.ts";
import { verifyStore } from "../store/verify.ts";
import { fail, stderr, stdout } from "./console.ts";
import { exitCodes } from "./exit-code.ts";
import { showReading } from "./reading.ts";
import { storeDirectory, type SharedOptions } from "./settings.ts";
import { cacheMax, maxOf } from "./tidy.ts";

export interface CollectOptions extends SharedOptions {
  readonly dryRun?: boolean;
  /** bytes */
  readonly max?: number;
}

export interface VerifyCommandOptions extends SharedOptions {
  readonly full?: boolean;
}

/** `pipeline cache ls`. */
export const listCache = (options: SharedOptions): Promise<number> =>
  withStore(options, (layout, show) => {
    const max = cacheMax(undefined);
    if (!max.ok) return max;
    const usage = viewUsage(layout, maxOf(layout, max.value));
    show(usage, (output) => formatUsage(usage, output));
    return ok(0);
  });

/** `pipeline cache verify`: exit code 1 when anything is not as it was left. */
export const verifyCache = (options: VerifyCommandOptions): Promise<number> =>
  withStore(options, async (layout, show) => {
    const full = options.full === true;
    const began = performance.now();
    const reading = showReading(stderr());
    const found = await verifyStore(layout, { full, onProgress: reading.onProgress });
    reading.end();
    const sound = found.damages.length === 0;
    const seconds = Math.round(performance.now() - began) / 1000;
    const verification: CacheVerification = { ok: sound, full, seconds, ...found };
    show(verification, (output) => formatVerification(verification, output));
    return ok(sound ? 0 : exitCodes.failed);
  });

/** `pipeline cache gc`. */
export const collectCache = (options: CollectOptions): Promise<number> =>
  withStore(options, (layout, show) => {
    const max = cacheMax(options.max);
    if (!max.ok) return max;
    const collection = viewCollection(layout, maxOf(layout, max.value), options.dryRun === true);
    show(collection, (output) => formatCollection(collection, output));
    return ok(0);
  });

/** `pipeline cache pin NAME`: keeps what the newest finished run of a pipeline made and used. */
export const pinCache = (pipeline: string, options: SharedOptions): Promise<number> =>
  withStore(options, (layout, show) => {
    const kept = pinRun(layout, pipeline);
    if (kept === undefined) return unknown(pipeline, "has no finished run in this store", listFinished(layout));
    const actions = Object.keys(kept.keys).length;
    show({ pipeline, run: kept.run, actions, pinned: true }, () => formatPin(pipeline, actions));
    return ok(0);
  });

/** `pipeline cache unpin NAME`. */
export const unpinCache = (pipeline: string, options: SharedOptions): Promise<number> =>
  withStore(options, (layout, show) => {
    const kept = unpinRun(layout, pipeline);
    if (kept === undefined) return unknown(pipeline, "is not pinned", listPins(layout));
    show({ pipeline, run: kept.run, pinned: false }, () => formatPin(pipeline, 0));
    return ok(0);
  });

const unknown = (pipeline: string, what: string, runs: readonly KeptRun[]): Result<never> => {
  const names = runs.map((run) => run.pipeline);
  const near = nearest(pipeline, names);
  const meant = near === undefined ? "" : `, did you mean ${near}?`;
  const list = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
  return err({ reason: "unusable-argument", message: `${pipeline} ${what}${meant === "" ? ";" : meant} ${list}` });
};

/** Prints one object for programs, or words for people. */
type Show = (value: unknown, words: (output: Output) => string) => void;

type Work = (layout: Layout, show: Show) => Result<number> | Promise<Result<number>>;

/** Does something with the store; what the operating system refuses ends as a failure. */
const withStore = async (options: SharedOptions, work: Work): Promise<number> => {
  const json = options.json === true;
  const directory = storeDirectory(options);
  const output = stdout();
  const show: Show = (value, words) => output.write(json ? `${JSON.stringify(value)}\n` : words(output));
  const layout = openLayout(directory);
  if (!layout.ok) return fail(layout.error, json);
  try {
    const done = await work(layout.value, show);
    return done.ok ? done.value : fail(done.error, json);
  } catch (error) {
    return fail(fileFailure(error, directory, "work on the store in"), json);
  }
};
