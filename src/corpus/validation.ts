import type { CorpusShort } from "../base/failure.ts";
import { ok, type Result } from "../base/result.ts";
import type { Split } from "./document.ts";
import type { Group } from "./groups.ts";
import { interleave } from "./interleave.ts";
import type { Measures } from "./measures.ts";
import { packUnits, type Packed } from "./pack.ts";
import type { CorpusRequest, CorpusSource } from "./request.ts";
import { groupStream, Sides, type TextStream } from "./streams.ts";

/** The texts that decide and that are tuned on, and which side each cluster lies on because of them. */
export interface Arrangement {
  readonly shards: readonly Packed[];
  readonly search: Packed;
  readonly sides: Sides;
  /** Documents that are in the texts, each once. */
  readonly used: readonly number[];
}

export interface ArrangeOptions {
  readonly request: CorpusRequest;
  /** By source. */
  readonly groups: ReadonlyMap<string, readonly Group[]>;
  readonly measures: Measures;
  readonly isDropped: (document: number) => boolean;
  /** Sources whose groups turned out to be too few to give to one unit only; `arrange` adds to them. */
  readonly scarce: Set<string>;
}

export const isValidated = (request: CorpusRequest, source: CorpusSource): boolean =>
  source.domain === request.domain && source.divisible;

/** Units of each validated source, in proportion to its share of the mix. */
export const unitsBySource = (request: CorpusRequest, units: number): Map<string, number> => {
  const sources = request.sources.filter((source) => isValidated(request, source));
  const shares = sources.map(({ share }) => share);
  const counts = request.apportion(units, shares.some((share) => share > 0) ? shares : shares.map(() => 1));
  return new Map(sources.map(({ id }, index) => [id, counts[index] ?? 0]));
};

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Units of one source in both splits. */
export const unitsOf = (request: CorpusRequest, id: string): number =>
  sum([sum(request.shards), request.searchUnits].map((units) => unitsBySource(request, units).get(id) ?? 0));

/** Packs holdout and search, and measures as many documents as that takes. Ends too when documents run out. */
export const arrange = async (options: ArrangeOptions): Promise<Result<Arrangement>> => {
  const { request, groups, measures } = options;
  const lists = new Map([...groups].map(([id, all]) => [id, all.flatMap(({ documents }) => documents)]));
  const first = [...lists].map(([id, documents]) => ({ documents, bytes: likelyBytes(request, unitsOf(request, id)) }));
  const measured = await measures.add(first);
  if (!measured.ok) return measured;
  for (;;) {
    const arrangement = attempt(options);
    const missing = [...arrangement.shards, arrangement.search].flatMap((text) => text.missing ?? []);
    const { source = "", starved } = missing.find((each) => each.starved !== undefined) ?? {};
    if (starved === undefined) {
      if (!missing.some((each) => becomesScarce(options, each.source))) return ok(arrangement);
      continue;
    }
    const documents = lists.get(source) ?? [];
    const rest = documents.slice(documents.indexOf(starved));
    const more = await measures.add([{ documents: rest, bytes: likelyBytes(request, unitsOf(request, source)) / 4 }]);
    if (!more.ok) return more;
  }
};

/** Groups were counted before anything was dropped: a source that runs out although they seemed plenty gives more of each. */
const becomesScarce = ({ scarce, request, groups }: ArrangeOptions, source: string): boolean => {
  const { cap } = groupLimits(groups.get(source)?.length ?? 0, unitsOf(request, source), request.unit);
  if (scarce.has(source) || cap === 2) return false;
  scarce.add(source);
  return true;
};

/** Bytes of text that so many units probably take: four a token, as English has with large vocabularies. */
const likelyBytes = ({ unit }: CorpusRequest, units: number): number => units * unit * 4;

const attempt = (options: ArrangeOptions): Arrangement => {
  const { request } = options;
  const sides = new Sides();
  const holdout = streamsFor(options, "holdout", sides);
  let before = 0;
  const shards = request.shards.map((units) => {
    const shard = packUnits(holdout.slice(before, before + units), request.unit, 1, before);
    before += units;
    return shard;
  });
  const search = packUnits(streamsFor(options, "search", sides), request.unit, 1);
  const used = new Set([...shards, search].flatMap(({ pieces }) => pieces.map(({ document }) => document)));
  return { shards, search, sides, used: [...used] };
};

/** One stream a unit: sources take turns, so that every look at the holdout sees the mix of the whole. */
const streamsFor = ({ request, groups, measures, isDropped, scarce }: ArrangeOptions, split: Split, sides: Sides) => {
  const counts = unitsBySource(request, split === "holdout" ? sum(request.shards) : request.searchUnits);
  const streams = [...counts.keys()].map((source): TextStream => {
    const own = groups.get(source) ?? [];
    const count = scarce.has(source) ? 0 : own.length;
    const { cap, portion } = groupLimits(count, unitsOf(request, source), request.unit);
    return groupStream({
      source,
      groups: own,
      split,
      sides,
      measured: (id) => measures.of(id),
      isDropped,
      cap,
      portion,
    });
  });
  return interleave([...counts.values()]).map((index) => streams[index] ?? missingStream());
};

const missingStream = (): never => {
  throw new Error("Internal error: a unit without a source");
};

/** Groups that share a unit at most: more would make every unit the same. */
const mostGroupsInUnit = 4;

/**
 * How much one group may give. Where groups are plenty, so that half of them are left to calibrate, a group gives to one
 * unit only, and with still more groups several share a unit; else a group gives to two units.
 */
export const groupLimits = (groups: number, units: number, unit: number): { cap: number; portion: number } => {
  const share = Math.min(mostGroupsInUnit, Math.floor(groups / (2 * Math.max(1, units))));
  return share === 0 ? { cap: 2, portion: unit } : { cap: 1, portion: Math.ceil(unit / share) };
};

/** The first source that ran out in one of the splits. */
export const findShort = (request: CorpusRequest, { shards, search }: Arrangement): CorpusShort | undefined =>
  shortIn(request, "holdout", sum(request.shards), shards) ?? shortIn(request, "search", request.searchUnits, [search]);

/**
 * What the units of a split need, and what could be packed for them. The tokens of all documents would mislead: the rest
 * of a document that is cut at the end of a unit is not used.
 */
const shortIn = (
  request: CorpusRequest,
  split: "holdout" | "search",
  units: number,
  texts: readonly Packed[],
): CorpusShort | undefined => {
  const counts = unitsBySource(request, units);
  const ids = [...counts.keys()];
  const order = interleave([...counts.values()]).map((index) => ids[index]);
  let before = 0;
  for (const [index, { missing }] of texts.entries()) {
    if (missing !== undefined) {
      const { source, tokens, unit } = missing;
      const full = order.slice(0, before + unit).filter((id) => id === source).length;
      const [wanted, available] = [(counts.get(source) ?? 0) * request.unit, full * request.unit + tokens];
      return { reason: "corpus-short", source, split, wanted, available };
    }
    before += split === "holdout" ? (request.shards[index] ?? 0) : 0;
  }
  return undefined;
};
