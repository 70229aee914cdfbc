import { globSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { clean as cleanUp } from "../src/corpus/clean.ts";
import { decodeText } from "../src/corpus/decode.ts";
import { expandTemplate } from "../src/corpus/expand.ts";
import type { Reading } from "../src/corpus/reading.ts";
import { calibrationOrder } from "../src/corpus/groups.ts";
import { promptsSource } from "../src/corpus/prompts.ts";
import { parseGrammar, type Grammar, type GrammarEntry } from "../src/pipeline/grammar.ts";
import { loadPipeline } from "../src/pipeline/load.ts";
import { makeDiskReader } from "../src/run/disk-reader.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const domains = ["medical", "legal", "finance", "general", "code"] as const;
const withPrompts = ["medical", "legal", "finance"] as const;
const documentsOf = (domain: string): string[] => globSync(`corpora/${domain}/*/*`, { cwd: root }).sort();
const read = (file: string): string => readFileSync(`${root}/${file}`, "utf8");
const grammarOf = (domain: string): Grammar => {
  const file = `corpora/${domain}/prompts.yaml`;
  const { grammar, notes } = parseGrammar(file, read(file));
  if (grammar === undefined) throw new Error(JSON.stringify(notes));
  return grammar;
};
const loaded = async (name: string) => {
  const pipeline = await loadPipeline(`${root}/pipelines/${name}.yaml`, makeDiskReader(process.env));
  if (!pipeline.ok) throw new Error(JSON.stringify(pipeline.error));
  return pipeline.value;
};

/** Rows of a card's tables that begin with a name and a number. */
const rowsOf = (card: string): Record<string, number> =>
  Object.fromEntries(
    [...card.matchAll(/^\| ([^|]+?) +\| +([\d,]+) \|/gm)].map(([, name = "", number = ""]) => [
      name,
      Number(number.replaceAll(",", "")),
    ]),
  );

const measureTexts = (domain: string) => {
  const texts = documentsOf(domain).map(read);
  const sizes = texts.map((text) => Buffer.byteLength(text)).sort((a, b) => a - b);
  const middle = [sizes[Math.floor((sizes.length - 1) / 2)] ?? 0, sizes[Math.floor(sizes.length / 2)] ?? 0] as const;
  const words = texts.flatMap((text) => text.toLowerCase().match(/\p{L}+/gu) ?? []);
  return {
    documents: texts.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    "shortest document, bytes": sizes[0] ?? 0,
    "median document, bytes": Math.round((middle[0] + middle[1]) / 2),
    "longest document, bytes": sizes.at(-1) ?? 0,
    words: words.length,
    "distinct words": new Set(words).size,
  };
};

/** Documents of each folder, by its name as the card writes it. */
const measureGenres = (domain: string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const file of documentsOf(domain)) {
    const genre = `\`${basename(dirname(file))}\``;
    counts[genre] = (counts[genre] ?? 0) + 1;
  }
  return counts;
};

/** Ways to fill a text: the product over its slots of the sums over their options. */
const waysToFill = ({ text }: GrammarEntry, slots: Grammar["slots"]): number =>
  [...text.matchAll(/\{\{|\}\}|\{([^{}]+)\}/g)]
    .flatMap(([, slot]) => (slot === undefined ? [] : [slots[slot] ?? []]))
    .reduce((product, options) => product * options.reduce((sum, option) => sum + waysToFill(option, slots), 0), 1);

const measurePrompts = ({ templates, slots }: Grammar): Record<string, number> => ({
  "prompt templates": templates.length,
  "prompt slots": Object.keys(slots).length,
  "options of the slots": Object.values(slots).flat().length,
  "prompts, all ways to fill": templates.reduce((sum, template) => sum + waysToFill(template, slots), 0),
});

const take = (count: number, prompts: Iterable<{ readonly text: string }>): string[] => {
  const texts: string[] = [];
  for (const { text } of prompts) {
    texts.push(text);
    if (texts.length === count) break;
  }
  return texts;
};

describe("the shipped texts", () => {
  test("are as many and as large as the overview says", () => {
    const rows = [
      ...read("corpora/README.md").matchAll(/^\| \[`(\w+)`\]\(\1\/README\.md\) +\| +([\d,]+) \| +([\d,]+) \|/gm),
    ].map(([, domain, ...counts]) => [domain, ...counts.map((count) => Number(count.replaceAll(",", "")))]);
    expect(rows).toEqual(
      domains.map((domain) => {
        const { documents, bytes } = measureTexts(domain);
        return [domain, documents, bytes];
      }),
    );
  });

  test.for(domains)("of %s are what their card says", (domain) => {
    const { "tokens of the demo model": tokens = 0, ...rows } = rowsOf(read(`corpora/${domain}/README.md`));
    const measured = measureTexts(domain);
    const prompts = withPrompts.some((name) => name === domain) ? measurePrompts(grammarOf(domain)) : {};
    expect(rows).toEqual({ ...measured, ...measureGenres(domain), ...prompts });
    // Only roughly, by the bytes in a token: counting them would need the built tools.
    expect(measured.bytes / tokens).toBeGreaterThan(2.2);
    expect(measured.bytes / tokens).toBeLessThan(3.2);
  });

  test.for([
    ["medical", 450_000, 260],
    ["legal", 150_000, 70],
    ["finance", 150_000, 70],
    ["general", 120_000, 50],
    ["code", 60_000, 25],
  ] as const)("of %s have at least %i bytes in %i documents", ([domain, bytes, documents]) => {
    const measured = measureTexts(domain);
    expect(measured.bytes).toBeGreaterThanOrEqual(bytes);
    expect(measured.documents).toBeGreaterThanOrEqual(documents);
  });

  test("are documents of at least 1.5 kB, so that each fills a unit of the demo", () => {
    expect(domains.flatMap(documentsOf).filter((file) => Buffer.byteLength(read(file)) < 1500)).toEqual([]);
  });

  test("are clean before they are cleaned", () => {
    for (const file of domains.filter((domain) => domain !== "code").flatMap(documentsOf)) {
      const text = decodeText(readFileSync(`${root}/${file}`));
      const clean = text.ok ? cleanUp(text.value, { nfc: true, controlCharacters: true }) : text.error;
      expect(clean, file).toBe(read(file).slice(0, -1));
      // What UTF-8 looks like when it was read as Latin-1, and characters that were lost before.
      expect(read(file), file).not.toMatch(/[ÃÂ][\u0080-\u00bf]|â€|\ufffd/);
    }
  });

  test("give no e-mail address, web site or telephone number that could be someone's", () => {
    const real =
      /[\w.+-]+@(?!example\.)[\w-]+\.\w+|\b(?:https?:\/\/|www\.)(?!example\.)\w|\(?\b\d{3}\)?[ -]\d{3}-\d{4}\b|\b0\d{3,4} \d{3} ?\d{3,4}\b/i;
    const files = [
      ...domains.filter((domain) => domain !== "code").flatMap(documentsOf),
      ...withPrompts.map((domain) => `corpora/${domain}/prompts.yaml`),
    ];
    expect(files.flatMap((file) => real.exec(read(file))?.[0] ?? [])).toEqual([]);
  });

  test("share no run of thirteen words", () => {
    const seen = new Map<string, string>();
    const shared: string[] = [];
    for (const file of domains.flatMap(documentsOf)) {
      const words =
        read(file)
          .toLowerCase()
          .match(/[\w']+/g) ?? [];
      for (let at = 0; at + 13 <= words.length; at += 1) {
        const run = words.slice(at, at + 13).join(" ");
        const first = seen.get(run) ?? file;
        if (first !== file) shared.push(`${file} and ${first}: ${run}`);
        seen.set(run, first);
      }
    }
    expect(shared).toEqual([]);
  });
});

describe.for(withPrompts)("the prompt grammar of %s", (domain) => {
  const grammar = grammarOf(domain);
  const expanded = async (each: number): Promise<string[]> => {
    const { seed } = (await loaded(domain)).pipeline.corpus;
    return grammar.templates.flatMap((_, index) => take(each, expandTemplate(grammar, index, seed, "prompts")));
  };

  test("has at least forty templates, and no option twice in a slot", () => {
    expect(grammar.templates.length).toBeGreaterThanOrEqual(40);
    for (const [slot, options] of Object.entries(grammar.slots))
      expect(new Set(options.map(({ text }) => text)).size, slot).toBe(options.length);
  });

  test("gives thousands of prompts, and none twice", async () => {
    const prompts = await expanded(100);
    expect(prompts.length).toBeGreaterThanOrEqual(2000);
    expect(new Set(prompts).size).toBe(prompts.length);
  });

  test("takes no more than a fifth of the first 2,000 prompts from one template", async () => {
    const { seed } = (await loaded(domain)).pipeline.corpus;
    const base = { id: "prompts", domain, share: 1, license: null, holdoutOnly: false };
    const source = promptsSource({ ...base, grammar, seed, unit: 0, calibration: 150_000 });
    const readings = [...(source.read() as Iterable<readonly Reading[]>)].flat();
    const all = readings.flatMap((reading) => (reading.kind === "document" ? [reading] : []));
    const groups = [{ cluster: 0, documents: [...all.keys()] }];
    const order = calibrationOrder(source, groups, (index) => all[index]?.group ?? "");
    const prompts = order.slice(0, 2000).map((index) => all[index]!);
    const counts = new Map<string, number>();
    for (const { group } of prompts) counts.set(group, (counts.get(group) ?? 0) + 1);
    expect(prompts.length).toBe(2000);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(400);
  });

  test("fits its options to their places: articles, no doubled word or stop", async () => {
    // "a one-year", "a unit", "an MRI": what is spelt with a vowel or a consonant need not sound like one.
    const slips =
      /\b(\w+) \1\b|(?:\ba|[.?!] A) (?!one|once)[aeio]\w|\b[Aa]n [bcdfgjkpqtvwyz]\w|(?<!\.)\.\.(?!\.)|,[,.;]|[?!;:]\./;
    expect((await expanded(200)).flatMap((prompt) => slips.exec(prompt)?.[0] ?? [])).toEqual([]);
  });
});

describe("the shipped pipelines", () => {
  test.for(withPrompts)("%s loads without a warning", async (name) => {
    expect(await loaded(name)).toMatchObject({ warnings: [], pipeline: { name } });
  });

  test.for(withPrompts)("%s reads every document of its folders, and nothing else", async (name) => {
    for (const source of (await loaded(name)).pipeline.corpus.sources) {
      if (source.kind !== "files") continue;
      const wanted = documentsOf(source.domain).map((file) => `${root}${file}`);
      expect(source.files.map(({ path }) => path).sort(), source.id).toEqual(wanted);
    }
  });

  test("the production example has no mistake but the paths that only its user has", async () => {
    const result = await loadPipeline(`${root}/pipelines/llama-3.1-8b-clinic.yaml`, makeDiskReader(process.env));
    if (result.ok || result.error.reason !== "invalid-pipeline") throw new Error(JSON.stringify(result));
    const messages = result.error.diagnostics.map(({ message }) => message);
    expect(
      messages.filter((message) => !/\/(models|data)\/|matches no file|is no file|does not exist/.test(message)),
    ).toEqual([]);
  });
});
