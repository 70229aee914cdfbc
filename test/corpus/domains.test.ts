import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Corpus } from "../../src/corpus/assemble.ts";
import type { DescribedText, DescribedUnit } from "../../src/corpus/manifest.ts";
import {
  type Asked,
  type RawFiles,
  assembleRaw,
  assembled,
  filesSource,
  manyFiles,
  numberedGrammar,
  promptsSource,
  request,
  shardsOf,
  subwords,
  textOf,
  weighted,
} from "./texts.ts";

const notes = manyFiles("notes", 60, 40, { share: 0.4 });
const prompts = promptsSource("prompts", numberedGrammar(30), { share: 0.2 });
const letters = manyFiles("letters", 60, 40, { domain: "general", share: 0.2 });
const talks = manyFiles("talks", 60, 40, { domain: "general", share: 0.1 });
const code = manyFiles("code", 20, 40, { domain: "code", share: 0.1 });
const domainOf: Readonly<Record<string, string>> = {
  notes: "medical",
  prompts: "medical",
  letters: "general",
  talks: "general",
};

const shards = [
  { domain: "medical", units: 3 },
  { domain: "general", units: 3 },
  { domain: "medical", units: 6 },
  { domain: "general", units: 6 },
];
const two: Partial<Asked> = { domains: ["medical", "general"], shards, searchUnits: 3 };
const mixed = request([notes, prompts, letters, talks, code], two);

const sourcesOf = ({ documents }: DescribedUnit): string[] => [...new Set(documents.map(({ source }) => source))];
/** The source that a unit was packed from: of its documents the last, because a first may reach over from its neighbour. */
const packedFrom = ({ units }: DescribedText): string[] => units.map(({ documents }) => documents.at(-1)?.source ?? "");
/** The same request with other objects in it. */
const copyOf = (asked: Asked): Asked => ({ ...asked, sources: asked.sources.map((source) => structuredClone(source)) });
const shortOf = async (asked: Asked): Promise<unknown> => {
  const corpus = await assembleRaw(asked);
  return corpus.ok ? "enough" : corpus.error;
};

describe("a corpus of two validated domains", () => {
  test("has shards in the order that was asked, each with text of its own domain only", async () => {
    const { holdout, manifest } = await assembled(mixed);
    expect(manifest.domains).toEqual(["medical", "general"]);
    expect(manifest.holdout.map(({ domain, units }) => ({ domain, units: units.length }))).toEqual(shards);
    for (const [index, text] of manifest.holdout.entries()) {
      expect(new Set(text.units.map(({ domain }) => domain))).toEqual(new Set([text.domain]));
      for (const source of text.units.flatMap(sourcesOf)) expect(domainOf[source]).toBe(text.domain);
      // The texts themselves, by the marks that their words carry.
      const foreign = text.domain === "medical" ? /\b(letters|talks|code)\d/ : /\b(notes|code)\d|\bt\d+x/;
      expect(holdout[index]!.text).not.toMatch(foreign);
    }
  });

  test("lets the sources of a domain take turns by their shares in each of its shards", async () => {
    const { manifest } = await assembled(mixed);
    const counts = manifest.holdout.map((text) => {
      const sources = packedFrom(text);
      return Object.fromEntries(
        sources.sort().map((source) => [source, sources.filter((each) => each === source).length]),
      );
    });
    expect(counts).toEqual([
      { notes: 2, prompts: 1 },
      { letters: 2, talks: 1 },
      { notes: 4, prompts: 2 },
      { letters: 4, talks: 2 },
    ]);
  });

  test("has a search split in which the domains take turns unit by unit", async () => {
    const { search } = (await assembled(mixed)).manifest;
    const turns = ["medical", "general", "medical", "general", "medical", "general"];
    expect(search.units.map(({ domain }) => domain)).toEqual(turns);
    expect(packedFrom(search).map((source) => domainOf[source])).toEqual(turns);
    expect(packedFrom(search).sort()).toEqual(["letters", "letters", "notes", "notes", "prompts", "talks"]);
  });

  test("has the same bytes every time, and others with another seed", async () => {
    const first = await assembled(mixed);
    expect(await assembled(copyOf(mixed))).toEqual(first);
    const other = await assembled({ ...mixed, seed: 8 });
    for (const [index, { text }] of first.holdout.entries()) expect(other.holdout[index]!.text).not.toBe(text);
  });

  test("has in each domain the shards that it would have alone", async () => {
    const { holdout, manifest } = await assembled(mixed);
    for (const [place, domain] of ["medical", "general"].entries()) {
      const alone = await assembled({ ...mixed, domains: [domain], shards: shardsOf(domain, [3, 6]) });
      expect(holdout.filter((text) => text.domain === domain)).toEqual(alone.holdout);
      expect(manifest.capacity[place]).toEqual(alone.manifest.capacity[0]);
    }
  });

  test("puts nothing on two sides, not even copies of one domain's texts in the other, for any texts and needs", async () => {
    const needs = fc.record({
      lengths: fc.array(fc.integer({ min: 15, max: 120 }), { minLength: 60, maxLength: 80 }),
      unit: fc.integer({ min: 16, max: 60 }),
      sizes: fc.array(fc.tuple(fc.constantFrom("medical", "general"), fc.integer({ min: 1, max: 3 })), {
        maxLength: 4,
      }),
      searchUnits: fc.integer({ min: 1, max: 3 }),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(needs, async ({ lengths, sizes, ...change }) => {
        const sources = asCopies(lengths);
        const cut = sizes.map(([domain, units]) => ({ domain, units }));
        const corpus = await assembled(request(sources, { ...two, ...change, shards: cut }), subwords);
        const sides = textsBySide(corpus).map(
          (text) => new Set([...text.matchAll(/\bdoc\d+w/g)].map(([mark]) => mark)),
        );
        const twice = sides.flatMap((side, at) =>
          sides.slice(at + 1).flatMap((next) => [...side].filter((mark) => next.has(mark))),
        );
        expect(twice).toEqual([]);
        expect(Math.min(...sides.map(({ size }) => size))).toBeGreaterThan(cut.length === 0 ? -1 : 0);
      }),
      { numRuns: 20 },
    );
  });
});

const textsBySide = ({ holdout, search, calibration }: Corpus): string[] => [
  holdout.map(({ text }) => text).join("\n"),
  search.text,
  [...calibration.values()].map(({ text }) => text).join("\n"),
];

/** Two sources, one a domain, of which every third document stands in both but for its last word; both keep near copies. */
const asCopies = (lengths: readonly number[]): RawFiles[] => {
  const texts = lengths.map((length, at) => textOf(`doc${at}`, length));
  const own = Object.fromEntries(texts.map((text, at) => [`${at}`, text]));
  const others = Object.fromEntries(
    texts.map((text, at) => [`${at}`, at % 3 === 0 ? `${text} end` : textOf(`doc${1000 + at}`, lengths[at]!)]),
  );
  return [
    filesSource("ours", own, { kind: "chats", share: 0.5 }),
    filesSource("theirs", others, { kind: "chats", domain: "general", share: 0.5 }),
  ];
};

describe("a domain that is too short", () => {
  const few = (count: number): RawFiles => manyFiles("letters", count, 40, { domain: "general", share: 0.5 });
  const needs = { ...two, searchUnits: 2, calibration: [] };

  test("is named by its source, with what its own part of the holdout needs", async () => {
    expect(await shortOf(request([notes, few(5)], needs))).toEqual({
      reason: "corpus-short",
      source: "letters",
      split: "holdout",
      wanted: 9 * 32,
      available: 5 * 32,
    });
  });

  test("is named by its source, with what its own part of the search split needs", async () => {
    expect(await shortOf(request([notes, few(10)], needs))).toEqual({
      reason: "corpus-short",
      source: "letters",
      split: "search",
      wanted: 2 * 32,
      available: 1 * 32,
    });
    expect(await shortOf(request([notes, few(11)], needs))).toBe("enough");
  });

  test("is named when none of its sources can be divided, whatever the other has", async () => {
    const grammar = { templates: weighted(["{a} {b}"]), slots: numberedGrammar(1).slots };
    const tiny = promptsSource("tiny", grammar, { domain: "general" });
    const refused = { reason: "corpus-short", source: "tiny", split: "holdout", wanted: 11 * 32, available: 0 };
    expect(await shortOf(request([notes, tiny], needs))).toEqual(refused);
    expect(await shortOf(request([notes], needs))).toEqual({ ...refused, source: "general" });
  });

  test("gives more of each group, and the other domain does not", async () => {
    // Groups of three texts: enough of them in one domain for a unit each, and not in the other.
    const grouped = (id: string, groups: number, domain: string): RawFiles => {
      const files = manyFiles(id, 3 * groups, 40).files.map((file, at) => ({ ...file, group: `${id} ${at % groups}` }));
      return { kind: "files", id, domain, share: 0.5, files };
    };
    const sources = [grouped("many", 40, "medical"), grouped("scant", 8, "general")];
    const { manifest } = await assembled(request(sources, { ...needs, calibration: [{ id: "many", chunks: 3 }] }));
    const unitsOf = (id: string, groups: number): number => {
      const used = manifest.holdout
        .filter(({ units }) => units.some(({ documents }) => documents.some(({ source }) => source === id)))
        .flatMap(({ units }) => units.map((unit) => unit.documents.at(-1)?.name.replace(/\D/g, "") ?? ""))
        .map((number) => Number(number) % groups);
      return Math.max(...used.map((group) => used.filter((each) => each === group).length));
    };
    expect(unitsOf("many", 40)).toBe(1);
    expect(unitsOf("scant", 8)).toBe(2);
  });
});

describe("what the manifest counts for each domain", () => {
  /** A source in which so many documents begin with fifteen words that a text of another source has too. */
  const quoting = (id: string, domain: string, quotes: number): RawFiles => {
    const texts = Array.from({ length: 120 }, (_, at) => textOf(`${id}${at}`, 40));
    const quoted = texts.map((text, at) => (at < quotes ? `${textOf(`quoted${id}${at}`, 15)} ${text}` : text));
    return filesSource(id, Object.fromEntries(quoted.map((text, at) => [`${at}.txt`, text])), { domain, share: 0.3 });
  };
  const quotedBy = (id: string, quotes: number): RawFiles =>
    filesSource(
      `from-${id}`,
      Object.fromEntries(
        Array.from({ length: quotes }, (_, at) => [
          `${at}.txt`,
          `${textOf(`quoted${id}${at}`, 15)} ${textOf(`${id}x${at}`, 60)}`,
        ]),
      ),
      { domain: "other", share: 0.1 },
    );
  const asked = (change: Partial<Asked>): Asked =>
    request(
      [
        quoting("notes", "medical", 12),
        quotedBy("notes", 12),
        quoting("letters", "general", 60),
        quotedBy("letters", 60),
      ],
      {
        ...two,
        calibration: [],
        ...change,
      },
    );

  test("are the documents that shared text with calibration", async () => {
    const { overlap } = (await assembled(asked({ overlapLimit: 1 }))).manifest;
    const [medical, general] = overlap.domains;
    expect(overlap.domains).toEqual([
      { domain: "medical", checked: overlap.sources[0]!.checked, dropped: overlap.sources[0]!.dropped },
      { domain: "general", checked: overlap.sources[1]!.checked, dropped: overlap.sources[1]!.dropped },
    ]);
    expect(overlap.checked).toBe(medical!.checked + general!.checked);
    expect(overlap.dropped).toBe(medical!.dropped + general!.dropped);
    expect(general!.dropped).toBeGreaterThan(medical!.dropped + 2);
  });

  test("are held against the limit one by one, so that text of one domain does not hide what the other shares", async () => {
    const { overlap } = (await assembled(asked({ overlapLimit: 1 }))).manifest;
    const [medical, general] = overlap.domains.map(({ checked, dropped }) => dropped / checked);
    const together = overlap.dropped / overlap.checked;
    expect(together).toBeLessThan(general!);
    const corpus = await assembleRaw(asked({ overlapLimit: (together + general!) / 2 }));
    if (corpus.ok || corpus.error.reason !== "corpus-overlap") throw new Error("not refused");
    expect(corpus.error.domain).toBe("general");
    expect(corpus.error.rate).toBeGreaterThan(together);
    expect(new Set(corpus.error.examples.map(({ source }) => source))).toEqual(new Set(["letters"]));
    expect(medical).toBeLessThan(together);
  });

  test("is the room of its own text", async () => {
    const long = manyFiles("letters", 50, 40, { domain: "general", share: 0.5 });
    const { capacity } = (await assembled(request([manyFiles("notes", 25, 40), long], two))).manifest;
    // A document of 40 words fills a unit of 32, and its rest is not used.
    expect(capacity).toEqual([
      { domain: "medical", units: 25, origin: "estimated" },
      { domain: "general", units: 50, origin: "estimated" },
    ]);
  });
});
