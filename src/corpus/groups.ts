import { byCodeUnit } from "../base/canonical.ts";
import { rank } from "./random.ts";
import type { CorpusSource, CorpusRequest } from "./request.ts";
import type { Sifted } from "./sift.ts";

/** Documents of one source that lie on one side of the split, whatever side that is. */
export interface Group {
  /** Number of the cluster, which may have groups in other sources. */
  readonly cluster: number;
  readonly documents: readonly number[];
}

/**
 * The groups of each source in an order that the seed and the groups' own names decide: adding, editing or removing one
 * moves no other.
 */
export const orderGroups = ({ seed, sources }: CorpusRequest, sifted: Sifted): ReadonlyMap<string, readonly Group[]> =>
  new Map(sources.map((source, index) => [source.id, groupsOf(source, index, seed, sifted)]));

const groupsOf = ({ id }: CorpusSource, index: number, seed: number, sifted: Sifted): Group[] => {
  const found = new Map<number, { name: string; readonly documents: number[] }>();
  for (const [number, { source, group }] of sifted.documents.entries()) {
    if (source !== index) continue;
    const cluster = sifted.clusters[number] ?? -1;
    const known = found.get(cluster);
    // A list of its one document: V8 gives an empty one that grows room for seventeen, and nearly all stay alone.
    if (known === undefined) found.set(cluster, { name: group, documents: [number] });
    else {
      known.documents.push(number);
      if (byCodeUnit(group, known.name) < 0) known.name = group;
    }
  }
  return [...found]
    .map(([cluster, { name, documents }]) => ({ cluster, documents, rank: rank(seed, id, name) }))
    .sort((a, b) => byCodeUnit(a.rank, b.rank))
    .map(({ cluster, documents }) => ({ cluster, documents }));
};

/** Documents in the order in which they calibrate: group by group, or by turns where a source says how often each has its turn. */
export const calibrationOrder = (
  { turns }: CorpusSource,
  groups: readonly Group[],
  groupOf: (document: number) => string,
): number[] => {
  if (turns === undefined) return groups.flatMap(({ documents }) => documents);
  const taken = new Map<string, number>();
  return groups
    .flatMap(({ documents }) => documents)
    .map((document) => {
      const group = groupOf(document);
      const count = (taken.get(group) ?? 0) + 1;
      taken.set(group, count);
      return { document, due: count / (turns.get(group) ?? 1) };
    })
    .sort((a, b) => a.due - b.due)
    .map(({ document }) => document);
};
