import { describe, expect, test } from "vitest";
import { expandTemplate, type PromptGrammar } from "../../src/corpus/expand.ts";
import { weighted } from "./texts.ts";

const take = (grammar: PromptGrammar, count: number, seed = 1, template = 0): string[] => {
  const texts: string[] = [];
  for (const { text } of expandTemplate(grammar, template, seed, "prompts")) {
    texts.push(text);
    if (texts.length === count) break;
  }
  return texts;
};

const digits = weighted(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
const grammar: PromptGrammar = { templates: weighted(["{d}{d}{d}", "x{d}"]), slots: { d: digits } };

describe("expandTemplate", () => {
  test("gives the same prompts for the same seed, and others for another seed or template", () => {
    expect(take(grammar, 50)).toEqual(take(grammar, 50));
    expect(take(grammar, 50, 2)).not.toEqual(take(grammar, 50));
    expect(take(grammar, 5, 1, 1)).not.toEqual(take(grammar, 5));
  });

  test("never repeats itself, and ends when nothing new comes", () => {
    const all = take(grammar, 10_000);
    expect(new Set(all).size).toBe(all.length);
    // Each draw finds one of the last few of 1,000 with a chance of some thousandths.
    expect(all.length).toBeGreaterThan(900);
    expect(take(grammar, 100, 1, 1).sort()).toEqual(digits.map(({ text }) => `x${text}`));
    expect(take({ templates: weighted(["fixed"]), slots: {} }, 100)).toEqual(["fixed"]);
  });

  test("draws options by weight", () => {
    const skewed: PromptGrammar = {
      templates: weighted(["{w} {d}{d}{d}{d}{d}{d}"]),
      slots: {
        d: digits,
        w: [
          { text: "often", weight: 6 },
          { text: "rare", weight: 1 },
          { text: "some", weight: 3 },
        ],
      },
    };
    const drawn = take(skewed, 4000).map((text) => text.split(" ")[0]);
    const part = (word: string): number => drawn.filter((each) => each === word).length / drawn.length;
    // Five standard errors are 0.04 at most.
    expect(Math.abs(part("often") - 0.6)).toBeLessThan(0.04);
    expect(Math.abs(part("some") - 0.3)).toBeLessThan(0.04);
    expect(Math.abs(part("rare") - 0.1)).toBeLessThan(0.04);
  });

  test.each([
    ["{{", "{"],
    ["}}", "}"],
    ["{{a}}", "{a}"],
    ["{{{a}}}", "{A}"],
    ["{{{{a}}}}", "{{a}}"],
    ['{{"k": "{nested}"}}', '{"k": "<A {literal}>"}'],
  ])("expands %s to %s", (text, expected) => {
    const slots = { a: weighted(["A"]), nested: weighted(["<{a} {{literal}}>"]) };
    expect(take({ templates: weighted([text]), slots }, 1)).toEqual([expected]);
  });

  test("draws a slot anew at each use", () => {
    expect(take({ templates: weighted(["{d} {d}"]), slots: { d: digits } }, 100)).toContainEqual(
      expect.not.stringMatching(/^(\d) \1$/),
    );
  });

  test("names each prompt by its template and number", () => {
    const [first, second] = expandTemplate(grammar, 1, 1, "prompts");
    expect(first).toMatchObject({ kind: "document", group: "template 2", name: "template 2, prompt 1" });
    expect(second).toMatchObject({ group: "template 2", name: "template 2, prompt 2" });
  });
});
