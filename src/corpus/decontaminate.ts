import type { Stopped } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { NgramIndex } from "./ngrams.ts";
import type { Pace } from "./pace.ts";
import type { CorpusRequest } from "./request.ts";
import type { Sifted } from "./sift.ts";
import type { Arrangement } from "./validation.ts";
import { WordReader } from "./words.ts";

/** What calibration and held-out text have in common. */
export interface Overlap {
  /** Words of a run that counts as shared text. */
  readonly words: number;
  /** Held-out documents that were looked at, in the holdout and the search split, and those that were dropped. */
  readonly checked: number;
  readonly dropped: number;
  /** The same for each validated domain, in their order. */
  readonly domains: readonly { readonly domain: string; readonly checked: number; readonly dropped: number }[];
  /** The same by source, for those that are held out. */
  readonly sources: readonly { readonly source: string; readonly checked: number; readonly dropped: number }[];
  /** Shared runs that so many documents have that they are boilerplate. */
  readonly exempt: number;
  /** The first few dropped documents. */
  readonly examples: readonly { readonly source: string; readonly name: string; readonly runs: number }[];
}

export interface OverlapOptions {
  readonly request: CorpusRequest;
  readonly sifted: Sifted;
  readonly pace: Pace;
  /** The part of a document that can be packed. */
  readonly head: (document: number) => string;
  /** What was dropped is used for nothing, so it cannot leak anything either. */
  readonly isDropped: (document: number) => boolean;
}

interface Hits {
  /** Held-out document → runs of words that calibration has too. */
  readonly hits: ReadonlyMap<number, number>;
  readonly exempt: number;
}

/**
 * Looks for held-out documents that share a run of words with any text that could calibrate, not only with what is
 * packed: so the holdout does not change with the size of the imatrix.
 * @param candidates documents that are held out, and some that may yet be
 */
export const findOverlap = async (
  candidates: readonly number[],
  { sides }: Arrangement,
  { request, sifted, pace, head, isDropped }: OverlapOptions,
): Promise<Result<Hits, Stopped>> => {
  const index = new NgramIndex();
  const reader = new WordReader();
  const isProtected = new Set(candidates);
  for (const document of candidates) index.protect(document, reader.read(head(document)));
  const bySource = request.sources.map((): number[] => []);
  for (let document = 0; document < sifted.documents.count; document += 1)
    bySource[sifted.documents.source(document)]?.push(document);
  for (const [source, documents] of bySource.entries()) {
    index.beginSource(documents.length);
    const calibrates = request.sources[source]?.holdoutOnly === false && (request.sources[source]?.share ?? 0) > 0;
    for (const document of documents) {
      const mayCalibrate = calibrates && !isDropped(document) && !isElsewhere(document, sifted, sides);
      index.pass(sifted.words(document), isProtected.has(document) ? document : undefined, mayCalibrate);
      if (!pace.step(sifted.documents.bytes(document))) continue;
      const interrupted = await pace.rest();
      if (interrupted !== undefined) return err(interrupted);
    }
    index.endSource();
  }
  return ok(index.result());
};

const isElsewhere = (document: number, { clusters }: Sifted, sides: Arrangement["sides"]): boolean => {
  const side = sides.of(clusters[document] ?? -1);
  return side === "holdout" || side === "search";
};

/** Documents on the side of the holdout or the search split, used or not. */
export const heldBack = (sifted: Sifted, { sides }: Arrangement): Set<number> => {
  const held = new Set<number>();
  for (let document = 0; document < sifted.documents.count; document += 1)
    if (isElsewhere(document, sifted, sides)) held.add(document);
  return held;
};
