import type { CorpusOverlap } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { findOverlap, heldBack, type Overlap, type OverlapOptions } from "./decontaminate.ts";
import type { Measures } from "./measures.ts";
import { cutAt } from "./measured.ts";
import { ngramLength } from "./ngrams.ts";
import type { CorpusRequest, CorpusSource, CorpusTools } from "./request.ts";
import { fewExamples } from "./tally.ts";
import { sum } from "./units.ts";
import { arrange, findShort, type ArrangeOptions, type Arrangement } from "./validation.ts";

/** Holdout and search as they will be, and what was dropped on the way. */
export interface CleanHoldout {
  readonly arrangement: Arrangement;
  readonly overlap: Overlap;
  readonly dropped: ReadonlySet<number>;
}

export type HoldoutOptions = Omit<ArrangeOptions, "isDropped" | "scarce"> &
  Omit<OverlapOptions, "head" | "isDropped"> & { readonly stage: CorpusTools["stage"] };

/**
 * Packs the holdout, drops what shares text with calibration, and packs again with the next documents in line, until
 * nothing is shared. A document that took a dropped one's place has never been looked at, and one that went back to
 * calibration has never been looked for: both are checked before it ends.
 */
export const packHoldout = async (options: HoldoutOptions): Promise<Result<CleanHoldout>> => {
  const { request, measures } = options;
  const dropped = new Set<number>();
  const scarce = new Set<string>();
  const isDropped = (document: number): boolean => dropped.has(document);
  const head = (document: number): string => headOf(document, measures, request.unit);
  const search = new OverlapSearch({ ...options, head, isDropped }, dropped);
  for (;;) {
    const arranged = await arrange({ ...options, isDropped, scarce });
    if (!arranged.ok) return arranged;
    const arrangement = arranged.value;
    const short = findShort(request, arrangement);
    if (short !== undefined) return err(short);
    options.stage?.("overlap");
    const clean = await search.check(arrangement);
    options.stage?.("pack");
    if (!clean.ok) return clean;
    const overlap = search.summary(arrangement);
    const refused = tooMuch(request, overlap);
    if (refused !== undefined) return err(refused);
    if (clean.value) return ok({ arrangement, overlap, dropped });
  }
};

/** Each domain for itself: much text of one must not hide what another shares. */
const tooMuch = (request: CorpusRequest, overlap: Overlap): CorpusOverlap | undefined => {
  for (const domain of request.domains) {
    const refused = tooMuchIn(domain, request, overlap);
    if (refused !== undefined) return refused;
  }
  return undefined;
};

/** Prompts do not count: templates of one grammar share what stands in its slots, and what is dropped is made anew. */
const tooMuchIn = (
  domain: string,
  { sources, overlapLimit: limit }: CorpusRequest,
  overlap: Overlap,
): CorpusOverlap | undefined => {
  const ids = new Set(sources.filter((each) => each.domain === domain && each.kind !== "prompts").map(({ id }) => id));
  const texts = overlap.sources.filter(({ source }) => ids.has(source));
  const { checked, dropped } = total(texts);
  if (dropped <= limit * checked) return undefined;
  const examples = overlap.examples.filter(({ source }) => ids.has(source));
  return { reason: "corpus-overlap", domain, rate: dropped / checked, limit, checked, dropped, examples };
};

interface Counts {
  readonly checked: number;
  readonly dropped: number;
}

const total = (counts: readonly Counts[]): Counts => ({
  checked: sum(counts.map(({ checked }) => checked)),
  dropped: sum(counts.map(({ dropped }) => dropped)),
});

/** Of a document no more than one unit is packed. */
const headOf = (document: number, measures: Measures, unit: number): string => {
  const measured = measures.of(document);
  if (measured === undefined) throw new Error(`Internal error: document ${document} is packed and not measured`);
  return cutAt(measured, unit).bytes.toString("utf8");
};

type SearchOptions = OverlapOptions & Pick<ArrangeOptions, "measures">;

class OverlapSearch {
  readonly #options: SearchOptions;
  readonly #dropped: Set<number>;
  readonly #cleared = new Set<number>();
  /** Documents that were on the side of the holdout in an earlier round, so that nothing was held against them. */
  #spared = new Set<number>();
  /** Documents that were found to share text, whether they were held out then or might yet be, and how much. */
  readonly #runs = new Map<number, number>();
  #exempt = 0;

  constructor(options: SearchOptions, dropped: Set<number>) {
    this.#options = options;
    this.#dropped = dropped;
  }

  /** Whether every document is known to share nothing with calibration. */
  async check(arrangement: Arrangement): Promise<Result<boolean>> {
    const held = heldBack(this.#options.sifted, arrangement);
    if ([...this.#spared].some((document) => !held.has(document) && !this.#dropped.has(document))) {
      this.#cleared.clear();
      this.#spared = new Set();
    }
    const suspects = arrangement.used.filter((document) => this.#runs.has(document));
    for (const document of suspects) this.#dropped.add(document);
    if (suspects.length > 0) return ok(false);
    if (arrangement.used.every((document) => this.#cleared.has(document))) return ok(true);
    // With those that may take the place of a dropped one: a pass over all text costs more than they do.
    const fresh = [...new Set([...arrangement.used, ...this.#options.measures.known()])].filter(
      (document) => !this.#cleared.has(document) && !this.#runs.has(document),
    );
    const found = await findOverlap(fresh, arrangement, this.#options);
    if (!found.ok) return found;
    const { hits, exempt } = found.value;
    this.#exempt += exempt;
    for (const document of held) this.#spared.add(document);
    for (const document of fresh) if (!hits.has(document)) this.#cleared.add(document);
    for (const [document, runs] of hits) this.#runs.set(document, runs);
    const shared = arrangement.used.filter((document) => hits.has(document));
    for (const document of shared) this.#dropped.add(document);
    return ok(shared.length === 0);
  }

  summary({ used }: Arrangement): Overlap {
    const counts = new Map<number, { checked: number; dropped: number }>();
    const checked = new Set([...used, ...this.#dropped]);
    for (const document of checked) {
      const source = this.#options.sifted.documents.source(document);
      const count = counts.get(source) ?? { checked: 0, dropped: 0 };
      counts.set(source, count);
      count.checked += 1;
      if (this.#dropped.has(document)) count.dropped += 1;
    }
    const sources = [...counts].sort(([a], [b]) => a - b);
    return {
      words: ngramLength,
      checked: checked.size,
      dropped: this.#dropped.size,
      domains: this.#options.request.domains.map((domain) => ({
        domain,
        ...total(sources.filter(([source]) => this.#source(source).domain === domain).map(([, count]) => count)),
      })),
      sources: sources.map(([source, count]) => ({ source: this.#source(source).id, ...count })),
      exempt: this.#exempt,
      examples: this.#examples(),
    };
  }

  /** The first few of each source. */
  #examples(): Overlap["examples"] {
    const shown = new Map<number, number>();
    return [...this.#dropped].flatMap((document) => {
      const { documents } = this.#options.sifted;
      const [source, name] = [documents.source(document), documents.name(document)];
      const before = shown.get(source) ?? 0;
      shown.set(source, before + 1);
      return before < fewExamples
        ? [{ source: this.#source(source).id, name, runs: this.#runs.get(document) ?? 0 }]
        : [];
    });
  }

  #source(number: number): CorpusSource {
    const source = this.#options.request.sources[number];
    if (source === undefined) throw new Error(`Internal error: no source ${number}`);
    return source;
  }
}
