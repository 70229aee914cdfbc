import type { Pipeline } from "../../src/pipeline/pipeline.ts";
import { parsePipeline } from "../../src/pipeline/load.ts";
import { brief, memoryReader, pipelineFile, problemsOf, withMistake, world } from "./memory-reader.ts";

/** A change of the good pipeline: a piece of it and what stands there instead. */
export type Change = readonly [string, string];

/** The good pipeline with the domains that `validate` names (none when empty) and a tolerance; both have any text. */
export const withTolerance = (domains: string, tolerance: string, ...changes: readonly Change[]): string =>
  withMistake(
    ["domain: medical, units: 32", domains === "" ? "units: 32" : `domain: ${domains}, units: 32`],
    ["tolerance: chat", `tolerance: ${tolerance}`],
    ["general/*.txt", "general/*.txt, format: lines"],
    ...changes,
  );

/** What is said of it. */
export const saidOf = async (domains: string, tolerance: string, ...changes: readonly Change[]) =>
  brief(await problemsOf(withTolerance(domains, tolerance, ...changes)));

export const loadedFrom = async (text: string): Promise<Pipeline> => {
  const loaded = await parsePipeline(pipelineFile, text, memoryReader(world));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.pipeline;
};

/** What it comes to. */
export const loadedWith = (domains: string, tolerance: string, ...changes: readonly Change[]): Promise<Pipeline> =>
  loadedFrom(withTolerance(domains, tolerance, ...changes));
