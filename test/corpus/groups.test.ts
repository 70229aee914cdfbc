import * as fc from "fast-check";
import { expect, test } from "vitest";
import { byCodeUnit } from "../../src/base/canonical.ts";
import type { Documents } from "../../src/corpus/document-table.ts";
import { inGroups, orderGroups, type Group } from "../../src/corpus/groups.ts";
import { rank } from "../../src/corpus/random.ts";
import type { CorpusRequest, CorpusSource } from "../../src/corpus/request.ts";

interface Item {
  readonly source: number;
  readonly group: string;
  readonly cluster: number;
}

const sourceOf = (id: string): CorpusSource => ({
  id,
  domain: "medical",
  share: 1,
  license: null,
  holdoutOnly: false,
  kind: "texts",
  divisible: true,
  bytes: 0,
  read: () => [],
});

const ids = ["notes", "letters", "empty"];

const ordered = (items: readonly Item[], seed: number): Group[][] => {
  const names = [...new Set(items.map(({ group }) => group))];
  const documents: Documents = {
    count: items.length,
    source: (document) => items[document]!.source,
    bytes: () => 1,
    name: (document) => `${document}`,
    group: (document) => items[document]!.group,
    groupNumber: (document) => names.indexOf(items[document]!.group),
  };
  const sifted = {
    documents,
    clusters: Uint32Array.from(items, ({ cluster }) => cluster),
    tallies: [],
    text: () => "",
    words: () => ({ a: new Uint32Array(), b: new Uint32Array(), count: 0 }),
  };
  const request = { seed, sources: ids.map(sourceOf) } as unknown as CorpusRequest;
  return [...orderGroups(request, sifted).values()].map((groups) => {
    expect(inGroups(groups)).toEqual([...groups].flatMap(({ documents: own }) => own));
    expect(groups.at(groups.length)).toBeUndefined();
    return Array.from({ length: groups.length }, (_, index) => groups.at(index)!);
  });
};

/** The same with a Map, as plainly as it can be said. */
const expected = (items: readonly Item[], seed: number): Group[][] =>
  ids.map((id, source) => {
    const found = new Map<number, { readonly names: string[]; readonly documents: number[] }>();
    for (const [document, item] of items.entries()) {
      if (item.source !== source) continue;
      const own = found.get(item.cluster) ?? { names: [], documents: [] };
      found.set(item.cluster, own);
      own.names.push(item.group);
      own.documents.push(document);
    }
    return [...found]
      .map(([cluster, { names, documents }]) => ({
        cluster,
        documents,
        rank: rank(seed, id, names.toSorted(byCodeUnit)[0] ?? ""),
      }))
      .toSorted((one, two) => byCodeUnit(one.rank, two.rank))
      .map(({ cluster, documents }) => ({ cluster, documents }));
  });

test("groups lie in the order of their least names' ranks, their documents in that in which they came", () => {
  // A group's name belongs to one cluster of its source.
  const item = fc.record({ source: fc.nat(1), group: fc.nat(40) });
  fc.assert(
    fc.property(
      fc.array(item, { maxLength: 80 }),
      fc.nat(5),
      fc.integer({ min: 1, max: 30 }),
      (drawn, seed, joined) => {
        const items = drawn.map(({ source, group }, _, { length }) => ({
          source,
          group: `${group}`,
          cluster: Math.min(group % joined, Math.max(0, length - 1)),
        }));
        expect(ordered(items, seed)).toEqual(expected(items, seed));
      },
    ),
  );
});
