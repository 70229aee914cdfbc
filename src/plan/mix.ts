import type { Pipeline, Source } from "../pipeline/pipeline.ts";
import { apportion } from "./apportion.ts";

export interface MixPart {
  readonly id: string;
  /** Windows of calibration text. */
  readonly chunks: number;
}

/**
 * Windows of each source in the calibration text; a source whose share rounds to none is left out. What a source may not
 * give because of its `max-tokens` is divided among the others by their shares.
 */
export const calibrationMix = ({ corpus: { sources }, imatrix: { chunks, context } }: Pipeline): MixPart[] => {
  const parts = new Map<string, number>();
  let open = sources.filter(({ holdoutOnly, share }) => !holdoutOnly && share > 0);
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
  return sources.map(({ id }) => ({ id, chunks: parts.get(id) ?? 0 })).filter((part) => part.chunks > 0);
};

/** Whole windows that a source may give. */
const capOf = ({ maxTokens }: Source, context: number): number =>
  maxTokens === null ? Infinity : Math.floor(maxTokens / context);
