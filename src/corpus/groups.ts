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

/** Groups in their order: a list of `Group`, or what makes each when it is asked for. */
export interface Groups extends Iterable<Group> {
  readonly length: number;
  readonly at: (index: number) => Group | undefined;
}

/**
 * The groups of each source in an order that the seed and the groups' own names decide: adding, editing or removing one
 * moves no other.
 */
export const orderGroups = ({ seed, sources }: CorpusRequest, sifted: Sifted): ReadonlyMap<string, Groups> =>
  new Map(sources.map(({ id }, index) => [id, new OrderedGroups(sifted, index, (name) => rank(seed, id, name))]));

/** The groups of one source in 20 bytes for each and 4 for each document, for nearly all have one document. */
class OrderedGroups implements Groups {
  readonly #clusters: Uint32Array;
  /** All documents, those of a group together and in their order; by group: where its own begin, and behind the last one where they end. */
  readonly #documents: Uint32Array;
  readonly #begins: Uint32Array;
  /** By place in the order: the group. */
  readonly #order: Uint32Array;

  constructor(sifted: Sifted, source: number, rankOf: (name: string) => string) {
    const own = documentsOf(sifted, source);
    const { groupOf, count } = numberGroups(own, sifted.clusters);
    this.#begins = beginnings(groupOf, count);
    this.#documents = sortInto(own, groupOf, this.#begins);
    this.#clusters = Uint32Array.from(
      { length: count },
      (_, group) => sifted.clusters[this.#documents[this.#begins[group] ?? 0] ?? 0] ?? 0,
    );
    this.#order = this.#sort((group) => rankOf(this.#nameOf(group, sifted)));
  }

  get length(): number {
    return this.#order.length;
  }

  at(index: number): Group | undefined {
    const group = this.#order[index];
    return group === undefined
      ? undefined
      : { cluster: this.#clusters[group] ?? 0, documents: [...this.#members(group)] };
  }

  *[Symbol.iterator](): Generator<Group, void> {
    for (let index = 0; index < this.length; index += 1) {
      const group = this.at(index);
      if (group !== undefined) yield group;
    }
  }

  #members(group: number): Uint32Array {
    return this.#documents.subarray(this.#begins[group], this.#begins[group + 1]);
  }

  /** The least of the names that are joined in it. */
  #nameOf(group: number, { documents }: Sifted): string {
    const [first = 0, ...others] = this.#members(group);
    let [least, known] = [documents.group(first), documents.groupNumber(first)];
    for (const other of others) {
      if (documents.groupNumber(other) === known) continue;
      known = documents.groupNumber(other);
      const name = documents.group(other);
      if (byCodeUnit(name, least) < 0) least = name;
    }
    return least;
  }

  /** By the first 52 bits of the ranks, which fit a number; ranks that are equal in them are made once more. */
  #sort(rankOf: (group: number) => string): Uint32Array {
    const count = this.#begins.length - 1;
    const ranks = Float64Array.from({ length: count }, (_, group) => Number.parseInt(rankOf(group).slice(0, 13), 16));
    return Uint32Array.from({ length: count }, (_, group) => group).sort(
      (one, two) => (ranks[one] ?? 0) - (ranks[two] ?? 0) || byCodeUnit(rankOf(one), rankOf(two)),
    );
  }
}

const documentsOf = ({ documents }: Sifted, source: number): Uint32Array => {
  const own: number[] = [];
  for (let document = 0; document < documents.count; document += 1)
    if (documents.source(document) === source) own.push(document);
  return Uint32Array.from(own);
};

/** Numbers the clusters that a source has documents of, in the order in which they are met. */
const numberGroups = (own: Uint32Array, clusters: Uint32Array): { groupOf: Uint32Array; count: number } => {
  /** By cluster: its group + 1. */
  const groups = new Uint32Array(clusters.length);
  let count = 0;
  const groupOf = own.map((document) => {
    const cluster = clusters[document] ?? 0;
    const known = groups[cluster] ?? 0;
    if (known > 0) return known - 1;
    count += 1;
    groups[cluster] = count;
    return count - 1;
  });
  return { groupOf, count };
};

const beginnings = (groupOf: Uint32Array, count: number): Uint32Array => {
  const begins = new Uint32Array(count + 1);
  for (const group of groupOf) begins[group + 1] = (begins[group + 1] ?? 0) + 1;
  for (let group = 0; group < count; group += 1) begins[group + 1] = (begins[group + 1] ?? 0) + (begins[group] ?? 0);
  return begins;
};

const sortInto = (own: Uint32Array, groupOf: Uint32Array, begins: Uint32Array): Uint32Array => {
  const next = begins.slice();
  const sorted = new Uint32Array(own.length);
  for (const [index, document] of own.entries()) {
    const group = groupOf[index] ?? 0;
    const at = next[group] ?? 0;
    sorted[at] = document;
    next[group] = at + 1;
  }
  return sorted;
};

/** Documents in the order in which they calibrate: group by group, or by turns where a source says how often each has its turn. */
export const calibrationOrder = (
  { turns }: CorpusSource,
  groups: Groups,
  groupOf: (document: number) => string,
): number[] => {
  const ordered = inGroups(groups);
  if (turns === undefined) return ordered;
  const taken = new Map<string, number>();
  return ordered
    .map((document) => {
      const group = groupOf(document);
      const count = (taken.get(group) ?? 0) + 1;
      taken.set(group, count);
      return { document, due: count / (turns.get(group) ?? 1) };
    })
    .sort((a, b) => a.due - b.due)
    .map(({ document }) => document);
};

/** All documents, group by group. */
export const inGroups = (groups: Groups): number[] => {
  const all: number[] = [];
  for (const { documents } of groups) for (const document of documents) all.push(document);
  return all;
};
