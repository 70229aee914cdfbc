import { describe, expect, test } from "vitest";
import type { Reading } from "../../src/corpus/reading.ts";
import { calibrationOrder } from "../../src/corpus/groups.ts";
import { promptsSource, type PromptsOptions } from "../../src/corpus/prompts.ts";
import { assembled, numberedGrammar, promptsSource as raw, request, shardsOf, weighted } from "./texts.ts";

const options = (change: Partial<PromptsOptions> = {}): PromptsOptions => ({
  id: "prompts",
  domain: "medical",
  share: 1,
  license: null,
  holdoutOnly: false,
  grammar: numberedGrammar(20),
  seed: 7,
  unit: 32,
  calibration: 400,
  ...change,
});
const prompts = (change: Partial<PromptsOptions> = {}): Extract<Reading, { kind: "document" }>[] =>
  [...(promptsSource(options(change)).read() as Iterable<readonly Reading[]>)]
    .flat()
    .flatMap((reading) => (reading.kind === "document" ? [reading] : []));

describe("prompts as a source", () => {
  test("give for every template the text that it could be asked for", () => {
    const made = prompts();
    expect(new Set(made.map(({ group }) => group)).size).toBe(20);
    for (let template = 1; template <= 20; template += 1) {
      const own = made.filter(({ group }) => group === `template ${template}`);
      expect(own.reduce((sum, { text }) => sum + text.length, 0)).toBeGreaterThanOrEqual(2 * 32 * 8);
    }
  });

  test("begin the same when more is asked", () => {
    const [some, more] = [prompts(), prompts({ calibration: 4000 })];
    expect(more.length).toBeGreaterThan(some.length);
    for (const { name, text } of some) expect(more.find((other) => other.name === name)?.text).toBe(text);
  });

  test("end when the grammar has no more to say", () => {
    const grammar = { templates: weighted(["only {x}"]), slots: { x: weighted(["a", "b"]) } };
    expect(prompts({ grammar })).toHaveLength(2);
  });

  test("can be held out with ten templates or more", () => {
    expect(promptsSource(options({ grammar: numberedGrammar(10) })).divisible).toBe(true);
    expect(promptsSource(options({ grammar: numberedGrammar(9) })).divisible).toBe(false);
  });

  test("let a template of three times the weight come three times as often", () => {
    const { slots } = numberedGrammar(1);
    const templates = [...weighted(["a {a} {b} {c}"], 3), ...weighted(["b {a} {b} {c}", "c {a} {b} {c}"])];
    const source = promptsSource(options({ grammar: { templates, slots } }));
    const made = prompts({ grammar: { templates, slots } });
    const groups = [{ cluster: 0, documents: [...made.keys()] }];
    const order = calibrationOrder(source, groups, (index) => made[index]!.group).slice(0, 50);
    const first = order.map((index) => made[index]!.text.charAt(0));
    expect(["a", "b", "c"].map((letter) => first.filter((each) => each === letter).length)).toEqual([30, 10, 10]);
  });

  test("have no text on two sides although two templates can say the same", async () => {
    const { slots } = numberedGrammar(1);
    const grammar = { templates: weighted(Array.from({ length: 30 }, (_, at) => `{a} {b} t${at % 15}`)), slots };
    const corpus = await assembled(
      request([raw("prompts", grammar)], { shards: shardsOf("medical", [2]), searchUnits: 1 }),
    );
    expect(corpus.manifest.sources[0]?.dropped["duplicate"]).toBeGreaterThan(0);
    const sides = [corpus.holdout[0]!.text, corpus.search.text, corpus.calibration.get("prompts")!.text];
    const sets = sides.map((text) => new Set(text.split("\n\n").filter((prompt) => / t\d+$/.test(prompt))));
    for (const [index, set] of sets.entries()) {
      expect(set.size).toBeGreaterThan(5);
      for (const other of sets.slice(index + 1)) expect([...set].filter((prompt) => other.has(prompt))).toEqual([]);
    }
  });
});
