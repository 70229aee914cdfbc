import { interleave } from "./interleave.ts";
import type { CorpusRequest, CorpusSource } from "./request.ts";

/** Whether a source gives text to the holdout and the search split of its domain. */
export const isValidated = ({ domains }: CorpusRequest, source: CorpusSource): boolean =>
  domains.includes(source.domain) && source.divisible;

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Units of a domain in the holdout. */
export const heldUnits = ({ shards }: CorpusRequest, domain: string): number =>
  sum(shards.filter((shard) => shard.domain === domain).map(({ units }) => units));

/** Units of each validated source of a domain, in proportion to its share of the mix. */
const unitsBySource = (request: CorpusRequest, domain: string, units: number): Map<string, number> => {
  const sources = request.sources.filter((source) => source.domain === domain && isValidated(request, source));
  const shares = sources.map(({ share }) => share);
  const counts = request.apportion(units, shares.some((share) => share > 0) ? shares : shares.map(() => 1));
  return new Map(sources.map(({ id }, index) => [id, counts[index] ?? 0]));
};

/** Units of one source in both splits. */
export const unitsOf = (request: CorpusRequest, id: string): number => {
  const domain = request.sources.find((source) => source.id === id)?.domain ?? "";
  const splits = [heldUnits(request, domain), request.searchUnits];
  return sum(splits.map((units) => unitsBySource(request, domain, units).get(id) ?? 0));
};

/** The source of each of a domain's units: sources take turns, so that every look at the holdout sees the mix of the whole. */
const sourceOrder = (request: CorpusRequest, domain: string, units: number): string[] => {
  const counts = unitsBySource(request, domain, units);
  const ids = [...counts.keys()];
  return interleave([...counts.values()]).map((index) => ids[index] ?? missingSource());
};

const missingSource = (): never => {
  throw new Error("Internal error: a unit without a source");
};

/** What fills a unit. */
export interface UnitPlan {
  readonly domain: string;
  /** Id of a source. */
  readonly source: string;
}

export interface ShardPlan {
  readonly domain: string;
  /** Units of its domain in the shards before it. */
  readonly before: number;
  readonly units: readonly UnitPlan[];
}

/** Which source fills each unit of each shard of the holdout. A shard holds text of one domain only. */
export const planHoldout = (request: CorpusRequest): ShardPlan[] => {
  const orders = new Map(
    request.domains.map((domain) => [domain, sourceOrder(request, domain, heldUnits(request, domain))]),
  );
  const planned = new Map<string, number>();
  return request.shards.map(({ domain, units }) => {
    const before = planned.get(domain) ?? 0;
    planned.set(domain, before + units);
    const sources = orders.get(domain) ?? missingSource();
    return { domain, before, units: sources.slice(before, before + units).map((source) => ({ domain, source })) };
  });
};

/** Which source fills each unit of the search split: domains take turns there unit by unit, and sources inside a domain. */
export const planSearch = (request: CorpusRequest): UnitPlan[] => {
  const plans = request.domains.map((domain) =>
    sourceOrder(request, domain, request.searchUnits).map((source) => ({ domain, source })),
  );
  const placed = plans.map(() => 0);
  return interleave(plans.map(({ length }) => length)).map((domain) => {
    const place = placed[domain] ?? 0;
    placed[domain] = place + 1;
    return plans[domain]?.[place] ?? missingSource();
  });
};
