import type { CalibrationText } from "./calibration.ts";
import { dropReasons } from "./document.ts";
import type { Group } from "./groups.ts";
import type { CleanHoldout } from "./holdout.ts";
import type { Manifest, PackedText, SourceFacts } from "./manifest.ts";
import type { CorpusRequest, CorpusSource } from "./request.ts";
import type { Sifted } from "./sift.ts";
import { groupLimits, isValidated, sum, unitsOf } from "./validation.ts";

/** Everything that is known once the texts are packed. */
export interface CorpusFacts {
  readonly request: CorpusRequest;
  readonly sifted: Sifted;
  readonly groups: ReadonlyMap<string, readonly Group[]>;
  readonly held: CleanHoldout;
  readonly holdout: readonly PackedText[];
  readonly search: PackedText;
  readonly calibration: ReadonlyMap<string, CalibrationText>;
  /** Of the validated domain's measured documents; null when none was measured. */
  readonly bytesPerToken: number | null;
}

/** The manifest: what was counted, and what lies where. */
export const describeCorpus = (facts: CorpusFacts): Manifest => {
  const { request, held, holdout, search, calibration } = facts;
  return {
    schema: 2,
    seed: request.seed,
    domain: request.domain,
    unit: request.unit,
    sources: request.sources.map((source, index) => describeSource(facts, source, index)),
    overlap: held.overlap,
    capacity: capacity(facts),
    holdout: holdout.map(({ described }) => described),
    search: search.described,
    calibration: [...calibration].map(([source, { described, chunks }]) => ({ source, chunks, ...described })),
  };
};

const describeSource = (
  { request, sifted, held, calibration }: CorpusFacts,
  { id, domain, share, license, holdoutOnly }: CorpusSource,
  index: number,
): SourceFacts => {
  const { read, kept, bytes, dropped, masked, boilerplateLines, languages } =
    sifted.tallies[index] ?? missingTally(index);
  const overlapping = [...held.dropped].filter((document) => sifted.documents[document]?.source === index).length;
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
    windows: {
      wanted: request.calibration.find((part) => part.id === id)?.chunks ?? 0,
      got: calibration.get(id)?.chunks ?? 0,
    },
  };
};

const missingTally = (index: number): never => {
  throw new Error(`Internal error: source ${index} was not counted`);
};

const sorted = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Units that the validated domain could give if nothing of it calibrated, from the sizes of its groups. */
const capacity = ({ request, sifted, groups, bytesPerToken, held }: CorpusFacts): Manifest["capacity"] => {
  const validated = request.sources.filter((source) => isValidated(request, source));
  if (bytesPerToken === null) return { units: 0, origin: "estimated" };
  const units = validated.map(({ id }) => {
    const own = groups.get(id) ?? [];
    const most = groupLimits(own.length, unitsOf(request, id), request.unit).cap * request.unit;
    return sum(own.map(({ documents }) => Math.min(most, usableTokens(documents, request.unit, bytesPerToken))));
  });
  function usableTokens(documents: readonly number[], unit: number, rate: number): number {
    const usable = documents.filter((document) => !held.dropped.has(document));
    // Of one document, a unit is the most that is ever packed.
    return sum(usable.map((document) => Math.min(unit, (sifted.documents[document]?.bytes ?? 0) / rate)));
  }
  return { units: Math.floor(sum(units) / request.unit), origin: "estimated" };
};
