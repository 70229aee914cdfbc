import type { ModelShape } from "../../base/model-shape.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { contextStep } from "./cells.ts";
import { estimateAccepted, type MemoryEstimate } from "./estimate.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { MemorySettings } from "./settings.ts";

/** The longest context that fits. */
export interface MaxContext {
  /** What to pass as `-c`, tokens of all sequences together; 0 where not even the shortest fits. */
  readonly context: number;
  /** Of one sequence, tokens; with a unified cache all of it. */
  readonly perSequence: number;
  /** What ends it: the memory or the length that the model was trained for. */
  readonly limit: "memory" | "trained";
  /** With this context; with the shortest one where none fits. */
  readonly estimate: MemoryEstimate;
}

/** Without a trained length in the header this is the end, tokens. */
const mostTokens = 2 ** 24;

/**
 * Finds the longest context whose GPU part is at most `budget` bytes (the main memory's part where there is no GPU), in steps
 * of 256 tokens a stream, as llama.cpp rounds up to these. No sequence gets more than the trained length: llama.cpp would only warn.
 * What `settings.context` says does not matter.
 */
export const maxContext = (
  shape: ModelShape,
  settings: MemorySettings,
  budget: number,
): Result<MaxContext, Refusal> => {
  const refused = refusal(shape, { ...settings, context: contextStep });
  return refused === undefined ? ok(search(shape, settings, budget)) : err(refused);
};

const search = (shape: ModelShape, settings: MemorySettings, budget: number): MaxContext => {
  const { step, steps, last } = ladder(shape, settings);
  const at = (rung: number): MemoryEstimate =>
    estimateAccepted(shape, { ...settings, context: rung === steps ? last : rung * step });
  const fits = (rung: number): boolean => takes(at(rung)) <= budget;
  // Each part grows with the context, so does the sum, and what does not fit never fits further up.
  let [low, high] = [0, steps];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  const estimate = at(Math.max(1, low));
  const context = low === 0 ? 0 : estimate.settings.context;
  const perSequence = settings.unified ? context : Math.floor(context / settings.sequences);
  return { context, perSequence, limit: low === steps ? "trained" : "memory", estimate };
};

/** Contexts from one step up to the trained length, which is the last one whether it is a multiple or not. */
const ladder = (
  { trainedContext }: ModelShape,
  { unified, sequences }: MemorySettings,
): { readonly step: number; readonly steps: number; readonly last: number } => {
  const streams = unified ? 1 : sequences;
  const step = contextStep * streams;
  const last = (trainedContext === 0 ? mostTokens : trainedContext) * streams;
  return { step, steps: Math.max(1, Math.ceil(last / step)), last };
};

/** What is held against a budget: the GPU's part, or all of it without a GPU. */
export const takes = ({ settings, gpu, cpu }: MemoryEstimate): number => (settings.device === "none" ? cpu : gpu);
