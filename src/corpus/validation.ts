import type { CorpusShort } from "../base/failure.ts";
import { ok, type Result } from "../base/result.ts";
import type { Split } from "./document.ts";
import { inGroups, type Groups } from "./groups.ts";
import type { Measures } from "./measures.ts";
import { packUnits, type Missing, type Packed } from "./pack.ts";
import type { CorpusRequest } from "./request.ts";
import { groupStream, Sides, type TextStream } from "./streams.ts";
import { isValidated, planHoldout, planSearch, unitsOf, type UnitPlan } from "./units.ts";

/** The texts that decide and that are tuned on, and which side each cluster lies on because of them. */
export interface Arrangement {
  readonly shards: readonly PackedShard[];
  readonly search: PackedUnits;
  readonly sides: Sides;
  /** Documents that are in the texts, each once. */
  readonly used: readonly number[];
}

/** A packed text, and what was to fill each of its units. */
export interface PackedUnits extends Packed {
  readonly units: readonly UnitPlan[];
}

export interface PackedShard extends PackedUnits {
  readonly domain: string;
  /** Units of its domain in the shards before it. */
  readonly before: number;
}

export interface ArrangeOptions {
  readonly request: CorpusRequest;
  /** By source. */
  readonly groups: ReadonlyMap<string, Groups>;
  readonly measures: Measures;
  readonly isDropped: (document: number) => boolean;
  /** Sources whose groups turned out to be too few to give to one unit only; `arrange` adds to them. */
  readonly scarce: Set<string>;
}

/** Packs holdout and search, and measures as many documents as that takes. Ends too when documents run out. */
export const arrange = async (options: ArrangeOptions): Promise<Result<Arrangement>> => {
  const { request, groups, measures } = options;
  const lists = new Map([...groups].map(([id, all]) => [id, inGroups(all)]));
  const first = [...lists].map(([id, documents]) => ({ documents, bytes: likelyBytes(request, unitsOf(request, id)) }));
  const measured = await measures.add(first);
  if (!measured.ok) return measured;
  /** Times that each source did not suffice. */
  const tries = new Map<string, number>();
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
    const tried = tries.get(source) ?? 0;
    tries.set(source, tried + 1);
    const bytes = likelyBytes(request, unitsOf(request, source)) * 2 ** tried;
    const more = await measures.add([{ documents: rest, bytes }]);
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
  const shards = planHoldout(request).map((plan) => ({
    ...plan,
    ...packPlan(request, plan.units, holdout, plan.before),
  }));
  const search = packPlan(request, planSearch(request), streamsFor(options, "search", sides), 0);
  const used = new Set([...shards, search].flatMap(({ pieces }) => pieces.map(({ document }) => document)));
  return { shards, search, sides, used: [...used] };
};

type Streams = ReadonlyMap<string, TextStream>;

/** One stream a source, from which all its units in a split are filled, in whatever text they lie. */
const streamsFor = (options: ArrangeOptions, split: Split, sides: Sides): Streams => {
  const { request, groups, measures, isDropped, scarce } = options;
  const sources = request.sources.filter((source) => isValidated(request, source));
  const measured = (document: number) => measures.of(document);
  return new Map(
    sources.map(({ id: source }) => {
      const own = groups.get(source) ?? [];
      const count = scarce.has(source) ? 0 : own.length;
      const limits = groupLimits(count, unitsOf(request, source), request.unit);
      return [source, groupStream({ source, groups: own, split, sides, measured, isDropped, ...limits })];
    }),
  );
};

const packPlan = (
  request: CorpusRequest,
  units: readonly UnitPlan[],
  streams: Streams,
  before: number,
): PackedUnits => {
  const order = units.map(({ source }) => streams.get(source) ?? missingStream());
  return { ...packUnits(order, request.unit, 1, before), units };
};

const missingStream = (): never => {
  throw new Error("Internal error: a unit without a stream");
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

/** The first source that ran out in the holdout or else in the search split, of whatever domain. */
export const findShort = (request: CorpusRequest, { shards, search }: Arrangement): CorpusShort | undefined => {
  for (const { domain, before, missing } of shards) {
    if (missing === undefined) continue;
    const units = shards.filter((shard) => shard.domain === domain).flatMap((shard) => shard.units);
    return shortage(request, "holdout", units, { ...missing, unit: before + missing.unit });
  }
  return search.missing === undefined ? undefined : shortage(request, "search", search.units, search.missing);
};

/**
 * What the units of a source in a split need, and what could be packed for them. The tokens of all documents would
 * mislead: the rest of a document that is cut at the end of a unit is not used.
 * @param units all units of the split in their order, or those of the source's domain
 */
const shortage = (
  request: CorpusRequest,
  split: "holdout" | "search",
  units: readonly UnitPlan[],
  { source, unit, tokens }: Missing,
): CorpusShort => {
  const countIn = (some: readonly UnitPlan[]): number => some.filter((each) => each.source === source).length;
  const wanted = countIn(units) * request.unit;
  const available = countIn(units.slice(0, unit)) * request.unit + tokens;
  return { reason: "corpus-short", source, split, wanted, available };
};
