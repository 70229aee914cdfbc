import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canHoldOut, expandPrompts, readFiles } from "../../src/corpus/sources.ts";
import { filesSource, manyFiles, numberedGrammar, promptsSource, textOf, weighted } from "./texts.ts";

const read = (source: Parameters<typeof readFiles>[0], seed = 7, seen = new Set<string>()) => {
  const found = readFiles(source, seed, seen);
  if (!found.ok) throw new Error(found.error.why);
  return found.value;
};
const namesOf = (source: Parameters<typeof readFiles>[0], seed = 7): string[] =>
  read(source, seed).splits.holdout.map(({ name }) => name);

describe("readFiles", () => {
  test("drops short texts and copies, counts them, and keeps the first of each", () => {
    const long = textOf("alpha", 20);
    const source = filesSource("notes", {
      "a.txt": long,
      "b.txt": long.toUpperCase().replaceAll(" ", ",\n"),
      "c.txt": "too short",
      "d.txt": textOf("beta", 20),
    });
    const { splits, dropped, read: count } = read(source);
    expect(splits.holdout.map(({ name }) => name).sort()).toEqual(["a.txt", "d.txt"]);
    expect(dropped).toEqual({ "too-short": 1, duplicate: 1 });
    expect(count).toBe(4);
  });

  test("drops copies of what an earlier source has", () => {
    const seen = new Set<string>();
    read(manyFiles("notes", 3, 20), 7, seen);
    const again = read({ ...manyFiles("notes", 4, 20), id: "other" }, 7, seen);
    expect(again.dropped.duplicate).toBe(3);
    expect(again.splits.calibration.map(({ name }) => name)).toEqual(["notes3.txt"]);
  });

  test("does not take a text for a copy of one that was dropped as too short", () => {
    const source = filesSource("notes", { "a.txt": "Heading", "b.txt": `Heading\n${"-".repeat(80)}` });
    expect(read(source)).toMatchObject({
      dropped: { "too-short": 1, duplicate: 0 },
      splits: { holdout: [{ name: "b.txt" }] },
    });
  });

  test("names the file that is no text", () => {
    const source = filesSource("notes", { "a.txt": textOf("a", 20), "sub/b.bin": "a\0" });
    expect(readFiles(source, 7, new Set())).toMatchObject({ ok: false, error: { source: "notes", name: "sub/b.bin" } });
  });

  test("orders documents by seed, source and name alone", () => {
    const source = manyFiles("notes", 12, 20);
    expect(namesOf({ ...source, files: source.files.toReversed() })).toEqual(namesOf(source));
    expect(namesOf(source, 8)).not.toEqual(namesOf(source));
    expect(namesOf({ ...source, id: "other" })).not.toEqual(namesOf(source));
  });

  test("keeps the order of all others when a document comes, goes or is edited", () => {
    fc.assert(
      fc.property(fc.nat(14), fc.nat(1000), (at, seed) => {
        const source = manyFiles("notes", 15, 20);
        const name = `notes${at}.txt`;
        const others = namesOf(source, seed).filter((each) => each !== name);
        expect(namesOf({ ...source, files: source.files.filter((file) => file.name !== name) }, seed)).toEqual(others);
        const edited = source.files.map((file) =>
          file.name === name ? { name, bytes: Buffer.from(textOf("edited", 30)) } : file,
        );
        expect(namesOf({ ...source, files: edited }, seed)).toEqual(namesOf(source, seed));
      }),
    );
  });
});

const all = { holdout: 100, search: 100, calibration: 400 };

describe("expandPrompts", () => {
  const source = promptsSource("prompts", numberedGrammar(20));
  const expanded = (seen = new Set<string>(), tokens = all, from = source, validated = true) =>
    expandPrompts(from, 7, tokens, validated, seen);

  test("puts no template on two sides", () => {
    const { splits } = expanded();
    const groups = Object.values(splits).map((documents) => new Set(documents.map(({ group }) => group)));
    expect(groups.map(({ size }) => size)).toEqual([6, 2, 12]);
    expect(new Set(groups.flatMap((each) => [...each])).size).toBe(20);
  });

  test("makes more text than asked, and none where none is asked", () => {
    const { splits } = expanded(new Set(), { ...all, search: 0 });
    const letters = splits.calibration.reduce((sum, { text }) => sum + text.length, 0);
    expect(letters).toBeGreaterThanOrEqual(400 * 8);
    expect(splits.search).toEqual([]);
  });

  test("makes the same prompts and more when more is asked", () => {
    const [some, more] = [expanded(), expanded(new Set(), { ...all, calibration: 800 })];
    expect(more.splits.calibration.slice(0, some.splits.calibration.length)).toEqual(some.splits.calibration);
  });

  test("gives every template to calibration when the domain is not validated", () => {
    const { splits } = expanded(new Set(), all, source, false);
    expect([splits.holdout, splits.search]).toEqual([[], []]);
    expect(new Set(splits.calibration.map(({ group }) => group)).size).toBe(20);
  });

  test("lets a template of three times the weight come three times as often", () => {
    const { slots } = numberedGrammar(1);
    const grammar = {
      templates: [...weighted(["a {a} {b} {c}"], 3), ...weighted(["b {a} {b} {c}", "c {a} {b} {c}"])],
      slots,
    };
    const { calibration } = expanded(new Set(), all, promptsSource("prompts", grammar), false).splits;
    const first = calibration.slice(0, 50).map(({ text }) => text.charAt(0));
    expect(["a", "b", "c"].map((letter) => first.filter((each) => each === letter).length)).toEqual([30, 10, 10]);
  });

  test("has no text on two sides although two templates can say the same", () => {
    const { slots } = numberedGrammar(1);
    const grammar = { templates: weighted(Array.from({ length: 10 }, () => "{a} {b}")), slots };
    const { splits, dropped, read: count } = expanded(new Set(), all, promptsSource("prompts", grammar));
    const texts = Object.values(splits).flatMap((documents) => documents.map(({ text }) => text));
    expect(new Set(texts).size).toBe(texts.length);
    expect(dropped.duplicate).toBeGreaterThan(0);
    expect(count).toBe(texts.length + dropped.duplicate);
  });

  test("drops a prompt that a file says already", () => {
    const grammar = { templates: weighted(["One {x}.", "Two"]), slots: { x: weighted(["fever"]) } };
    const { splits, dropped } = expanded(new Set(["one fever"]), all, promptsSource("prompts", grammar), false);
    expect(splits.calibration.map(({ text }) => text)).toEqual(["Two"]);
    expect(dropped.duplicate).toBe(1);
  });

  test("ends when the grammar has no more to say", () => {
    const grammar = { templates: weighted(["only {x}"]), slots: { x: weighted(["a", "b"]) } };
    expect(expanded(new Set(), all, promptsSource("prompts", grammar), false).splits.calibration).toHaveLength(2);
  });
});

test("canHoldOut is true of files, and of grammars with ten templates or more", () => {
  expect(canHoldOut(manyFiles("notes", 1, 1))).toBe(true);
  expect(canHoldOut(promptsSource("prompts", numberedGrammar(10)))).toBe(true);
  expect(canHoldOut(promptsSource("prompts", numberedGrammar(9)))).toBe(false);
});
