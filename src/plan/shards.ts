import { looksOf } from "../base/looks.ts";

/** A stretch of one domain's holdout that is measured at once. */
export interface Shard {
  /** 1, 2, … over all domains: the last part of step ids such as `validate/Q4_K_M/2`. */
  readonly number: number;
  readonly domain: string;
  readonly units: number;
  /** Units of its domain up to its end: 16, 32, … where it ends at a look. */
  readonly end: number;
}

/** Base logits of a shard lie on disk at once, and running means lose precision with length: at most 64 windows. */
const maxWindows = 64;

/**
 * Cuts the `units` that each domain has at the looks, and further where a shard would hold more than 64 windows. Look
 * after look, and inside a look domain after domain, so that each look is whole before the next one is begun.
 * @param domains each once
 */
export const cutShards = (domains: readonly string[], units: number, windowsPerUnit: number): Shard[] => {
  const most = Math.max(1, Math.floor(maxWindows / windowsPerUnit));
  return looksOf(units)
    .flatMap((end, index, ends) => {
      const pieces = cutStretch(ends[index - 1] ?? 0, end, most);
      return domains.flatMap((domain) => pieces.map((piece) => ({ domain, ...piece })));
    })
    .map((shard, index) => ({ number: index + 1, ...shard }));
};

/** Pieces as equal as whole units allow. */
const cutStretch = (from: number, to: number, most: number): { units: number; end: number }[] => {
  const count = Math.ceil((to - from) / most);
  const endOf = (piece: number): number => from + Math.floor(((to - from) * piece) / count);
  return Array.from({ length: count }, (_, index) => ({
    units: endOf(index + 1) - endOf(index),
    end: endOf(index + 1),
  }));
};
