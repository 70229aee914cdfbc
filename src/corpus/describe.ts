import type { CalibrationText } from "./calibration.ts";
import { dropReasons } from "./document.ts";
import type { Groups } from "./groups.ts";
import type { CleanHoldout } from "./holdout.ts";
import type { Capacity, HoldoutText, Manifest, PackedText, SourceFacts } from "./manifest.ts";
import type { Measures } from "./measures.ts";
import type { CorpusRequest, CorpusSource } from "./request.ts";
import type { Sifted } from "./sift.ts";
import { isValidated, sum, unitsOf } from "./units.ts";
import { groupLimits } from "./validation.ts";

/** Everything that is known once the texts are packed. */
export interface CorpusFacts {
  readonly request: CorpusRequest;
  readonly sifted: Sifted;
  readonly groups: ReadonlyMap<string, Groups>;
  readonly held: CleanHoldout;
  readonly holdout: readonly HoldoutText[];
  readonly search: PackedText;
  readonly calibration: ReadonlyMap<string, CalibrationText>;
  readonly topUp: ReadonlyMap<string, CalibrationText>;
  /** Of documents of the validated domains. */
  readonly measures: Measures;
}

/** The manifest: what was counted, and what lies where. */
export const describeCorpus = (facts: CorpusFacts): Manifest => {
  const { request, held, holdout, search, calibration, topUp } = facts;
  return {
    schema: 3,
    seed: request.seed,
    domains: request.domains,
    unit: request.unit,
    sources: request.sources.map((source, index) => describeSource(facts, source, index)),
    overlap: held.overlap,
    capacity: request.domains.map((domain) => capacityOf(facts, domain)),
    holdout: holdout.map(({ domain, described }) => ({ domain, ...described })),
    search: search.described,
    calibration: [...calibration].map(([source, { described, chunks }]) => ({ source, chunks, ...described })),
    ...(topUp.size === 0
      ? {}
      : { topUp: [...topUp].map(([source, { described, chunks }]) => ({ source, chunks, ...described })) }),
  };
};

const describeSource = (
  { request, sifted, held, calibration }: CorpusFacts,
  { id, domain, share, license, holdoutOnly }: CorpusSource,
  index: number,
): SourceFacts => {
  const { read, kept, bytes, dropped, masked, boilerplateLines, languages } =
    sifted.tallies[index] ?? missingTally(index);
  const overlapping = [...held.dropped].filter((document) => sifted.documents.source(document) === index).length;
  const counts = { ...dropped, overlap: overlapping };
  return {
    id,
    domain,
    share,
    license,
    holdoutOnly,
    read,
    kept: kept - overlapping,
    bytes,
    dropped: Object.fromEntries(dropReasons.map((reason) => [reason, counts[reason]])),
    masked: sorted(masked),
    boilerplateLines,
    languages: sorted(languages),
    windows: windowsOf(request, id, calibration.get(id)?.chunks ?? 0),
  };
};

const windowsOf = ({ calibration }: CorpusRequest, id: string, got: number): SourceFacts["windows"] => {
  const { chunks: wanted = 0, most = wanted } = calibration.find((part) => part.id === id) ?? {};
  return { wanted, most, got };
};

const missingTally = (index: number): never => {
  throw new Error(`Internal error: source ${index} was not counted`);
};

const sorted = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Bytes of a token in the measured documents of a domain; undefined when none was measured. */
export const bytesPerTokenIn = ({ request, measures }: CorpusFacts, domain: string): number | undefined => {
  const own = new Set(request.sources.filter((source) => source.domain === domain).map(({ id }) => id));
  return measures.bytesPerTokenOf((source) => own.has(source));
};

/** Units that a validated domain could give if nothing of it calibrated, from the sizes of its groups. */
const capacityOf = (facts: CorpusFacts, domain: string): Capacity => {
  const { request } = facts;
  const rate = bytesPerTokenIn(facts, domain);
  if (rate === undefined) return { domain, units: 0, origin: "estimated" };
  const own = request.sources.filter((source) => source.domain === domain && isValidated(request, source));
  const tokens = own.map(({ id }) => usableTokens(facts, id, rate));
  return { domain, units: Math.floor(sum(tokens) / request.unit), origin: "estimated" };
};

/** Tokens of a source of which its groups could give no more than they may, estimated. */
const usableTokens = ({ request, sifted, groups, held }: CorpusFacts, id: string, rate: number): number => {
  const own = groups.get(id) ?? [];
  const most = groupLimits(own.length, unitsOf(request, id), request.unit).cap * request.unit;
  // Of one document, a unit is the most that is ever packed.
  const tokensOf = (document: number): number =>
    held.dropped.has(document) ? 0 : Math.min(request.unit, sifted.documents.bytes(document) / rate);
  let total = 0;
  for (const { documents } of own) total += Math.min(most, sum(documents.map(tokensOf)));
  return total;
};
