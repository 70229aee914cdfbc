import type { Pipeline, Source } from "../pipeline/pipeline.ts";
import { apportion } from "./apportion.ts";

export interface MixPart {
  readonly id: string;
  /** Windows that it counts for in the importance matrix: its share of `imatrix.chunks`. */
  readonly chunks: number;
  /**
   * Windows that its own matrix is collected from, where it has so many. Shares have no part in this: with other shares
   * the same matrices are added up with other weights.
   */
  readonly most: number;
}

/**
 * Windows of each source in the calibration text; a source whose share rounds to none is left out. What a source may not
 * give because of its `max-tokens` is divided among the others by their shares.
 */
export const calibrationMix = (pipeline: Pipeline): MixPart[] => {
  const parts = shareWindows(pipeline);
  return pipeline.corpus.sources
    .map((source) => ({ id: source.id, chunks: parts.get(source.id) ?? 0, most: mostOf(pipeline, source) }))
    .filter((part) => part.chunks > 0);
};

const shareWindows = ({ corpus: { sources }, imatrix: { chunks, context } }: Pipeline): ReadonlyMap<string, number> => {
  const parts = new Map<string, number>();
  let open = sources.filter(calibrates);
  let left = chunks;
  while (open.length > 0 && left > 0) {
    const windows = apportion(
      left,
      open.map(({ share }) => share),
    );
    const full = open.filter((source, index) => (windows[index] ?? 0) >= capOf(source, context));
    if (full.length === 0) {
      for (const [index, { id }] of open.entries()) parts.set(id, windows[index] ?? 0);
      break;
    }
    for (const source of full) {
      parts.set(source.id, capOf(source, context));
      left -= capOf(source, context);
    }
    open = open.filter((source) => !full.includes(source));
  }
  return parts;
};

export const calibrates = ({ holdoutOnly, share }: Source): boolean => !holdoutOnly && share > 0;

/** Whole windows that a source may give. */
const capOf = ({ maxTokens }: Source, context: number): number =>
  maxTokens === null ? Infinity : Math.floor(maxTokens / context);

const mostOf = ({ imatrix: { perSource, context } }: Pipeline, source: Source): number =>
  Math.max(1, Math.min(perSource, capOf(source, context)));

/**
 * Windows that a source counts for in the mix: its share, but never more than it gave where it was short, so that a
 * handful of windows does not stand for many.
 * @param got windows that it gave
 */
export const weightOf = ({ chunks, most }: Pick<MixPart, "chunks" | "most">, got: number): number =>
  got >= most ? chunks : Math.min(chunks, got);
