import { describe, expect, test } from "vitest";
import type { Corpus } from "../../src/corpus/assemble.ts";
import type { DescribedText } from "../../src/corpus/manifest.ts";
import { planted, type PlantedDocument } from "./planted.ts";
import { assembled, assembleRaw, hygiene, request, shardsOf, type Asked, type RawFiles } from "./texts.ts";

/** Words as a person would compare them: nothing of the code under test is used here. */
const wordsOf = (text: string): string[] =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[’'ʼ]/g, "")
    .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
const runsOf = (text: string, length: number): Set<string> => {
  const words = wordsOf(text);
  // A document of fewer words has one shingle, and no run of thirteen.
  if (words.length < length) return new Set(words.length === 0 || length > 5 ? [] : [words.join(" ")]);
  return new Set(words.slice(length - 1).map((_, at) => words.slice(at, at + length).join(" ")));
};
const namesIn = ({ units }: DescribedText): string[] =>
  units.flatMap(({ documents }) => documents.map(({ name }) => name));
const held = ({ manifest }: Corpus): Set<string> =>
  new Set([...manifest.holdout, manifest.search].flatMap((text) => namesIn(text)));

const asFiles = (documents: readonly PlantedDocument[], change: Partial<RawFiles> = {}): RawFiles => ({
  kind: "files",
  id: "notes",
  domain: "medical",
  share: 1,
  files: documents.map(({ name, text }) => ({ name, bytes: Buffer.from(text) })),
  ...change,
});
const asked = (source: RawFiles, change: Partial<Asked> = {}): Asked =>
  request([source], {
    shards: shardsOf("medical", [40, 40]),
    searchUnits: 20,
    unit: 64,
    calibration: [{ id: "notes", chunks: 400 }],
    calibrationContext: 64,
    overlapLimit: 1,
    ...change,
  });

/** Every pair of documents on two sides, by exact sets, whose likeness would be a leak. */
const leaks = (corpus: Corpus, documents: readonly PlantedDocument[]): string[] => {
  const here = held(corpus);
  // What may calibrate: of what is packed, the documents that begin in the text.
  const text = [...corpus.calibration.values()].map(({ text: packed }) => packed).join("\n\n");
  const there = documents.filter(({ name, text: own }) => !here.has(name) && text.includes(own.slice(0, 40)));
  expect(there.length).toBeGreaterThan(100);
  const sizes = new Map(there.map((document) => [document, runsOf(document.text, 5).size]));
  const having = new Map<string, PlantedDocument[]>();
  for (const document of there)
    for (const run of runsOf(document.text, 5)) having.set(run, [...(having.get(run) ?? []), document]);
  return documents
    .filter(({ name }) => here.has(name))
    .flatMap((document) => {
      const own = runsOf(document.text, 5);
      const shared = new Map<PlantedDocument, number>();
      for (const run of own) for (const other of having.get(run) ?? []) shared.set(other, (shared.get(other) ?? 0) + 1);
      return [...shared]
        .filter(([other, count]) => count / (own.size + (sizes.get(other) ?? 0) - count) >= 0.8)
        .map(([{ name }]) => `${document.name} and ${name}`);
    });
};

/** Runs of thirteen words inside documents that held-out and calibration text have in common, boilerplate counted too. */
const sharedRuns = (corpus: Corpus): Set<string> => {
  const inDocuments = (text: string): string[] => text.split("\n\n").flatMap((part) => [...runsOf(part, 13)]);
  const runs = new Set([...corpus.calibration.values()].flatMap(({ text }) => inDocuments(text)));
  return new Set(
    [...corpus.holdout, corpus.search].flatMap(({ text }) => inDocuments(text)).filter((run) => runs.has(run)),
  );
};

describe.for([1, 2])("a corpus with planted likeness, seed %i", (seed) => {
  const documents = planted({ seed, documents: 2000, shortest: 20, longest: 400 });

  test("has no near copy on the other side, whether copies are removed or kept", async () => {
    for (const nearDuplicates of [true, false]) {
      const corpus = await assembled(asked(asFiles(documents), { seed, hygiene: { ...hygiene, nearDuplicates } }));
      expect(leaks(corpus, documents)).toEqual([]);
      expect((corpus.manifest.sources[0]?.dropped["near-duplicate"] ?? 0) > 0).toBe(nearDuplicates);
    }
  });

  test("has no near copy on the other side when copies are kept in a source of chats", async () => {
    const corpus = await assembled(asked(asFiles(documents, { kind: "chats" }), { seed }));
    expect(leaks(corpus, documents)).toEqual([]);
    expect(corpus.manifest.sources[0]?.dropped["near-duplicate"]).toBe(0);
  });

  test("has no near copy on the other side when two domains are held out, whose texts are alike", async () => {
    // Copies are kept, and lie in either source by chance.
    const parts = ["notes", "letters"].map((id, part) => {
      const own = documents.filter((_, index) => index % 2 === part);
      return asFiles(own, { id, kind: "chats", share: 0.5, domain: part === 0 ? "medical" : "general" });
    });
    const corpus = await assembled({
      ...asked(parts[0]!, { seed }),
      sources: parts,
      domains: ["medical", "general"],
      shards: ["medical", "general", "medical", "general"].map((domain) => ({ domain, units: 20 })),
      searchUnits: 10,
      calibration: parts.map(({ id }) => ({ id, chunks: 200 })),
    });
    expect(leaks(corpus, documents)).toEqual([]);
    const { overlap, sources } = corpus.manifest;
    expect(overlap.domains.map(({ dropped }) => dropped)).toEqual(sources.map(({ dropped }) => dropped["overlap"]));
    expect(overlap.dropped).toBeGreaterThan(0);
  });

  test("shares no run of thirteen words with calibration but those that are boilerplate", async () => {
    const corpus = await assembled(asked(asFiles(documents), { seed }));
    const { overlap, sources } = corpus.manifest;
    expect(overlap.dropped).toBeGreaterThan(0);
    expect(sources[0]?.dropped["overlap"]).toBe(overlap.dropped);
    const counts = new Map<string, number>();
    for (const { text } of documents) for (const run of runsOf(text, 13)) counts.set(run, (counts.get(run) ?? 0) + 1);
    const frequency = (run: string): number => counts.get(run) ?? 0;
    for (const run of sharedRuns(corpus)) expect(frequency(run), run).toBeGreaterThanOrEqual(5);
  });

  test("is refused when more is shared than may be", async () => {
    const corpus = await assembleRaw(asked(asFiles(documents), { seed, overlapLimit: 0.001 }));
    if (corpus.ok || corpus.error.reason !== "corpus-overlap") throw new Error("not refused");
    const { rate, limit, checked, dropped, examples } = corpus.error;
    expect(limit).toBe(0.001);
    expect(rate).toBeCloseTo(dropped / checked, 12);
    expect(examples[0]).toMatchObject({ source: "notes", runs: expect.any(Number) as number });
  });
});

test("a paragraph that two documents share keeps one of them out of the holdout, whatever the seed", async () => {
  const own = planted({ seed: 3, documents: 120, shortest: 80, longest: 120, derived: 0 });
  const paragraph = planted({ seed: 4, documents: 1, shortest: 30, longest: 30, derived: 0 })[0]!.text;
  const files = own.map((document, index) =>
    index % 30 === 0 ? { ...document, text: `${document.text}\n\n${paragraph}` } : document,
  );
  for (let seed = 1; seed <= 6; seed += 1) {
    // Units as long as the documents, so that the paragraph at the end could be packed.
    const corpus = await assembled(
      asked(asFiles(files), {
        seed,
        unit: 160,
        shards: shardsOf("medical", [20]),
        searchUnits: 4,
        calibration: [{ id: "notes", chunks: 20 }],
        calibrationContext: 160,
      }),
    );
    const runs = runsOf(paragraph, 13);
    const texts = [...corpus.holdout, corpus.search].map(({ text }) => runsOf(text, 13));
    expect(texts.some((text) => [...runs].some((run) => text.has(run)))).toBe(false);
  }
});
