import { describe, expect, test } from "vitest";
import { parseGrammar } from "../../src/pipeline/grammar.ts";
import { promptPieces } from "../../src/pipeline/prompt-text.ts";
import { brief } from "./memory-reader.ts";

const said = (text: string) => brief(parseGrammar("prompts.yaml", text).notes);

describe("a good grammar", () => {
  test("has a weight for every text", () => {
    const text = `templates:
  - Explain {what} to me.
  - { text: "As JSON: {{\\"q\\": \\"{what}\\"}}", weight: 0.5 }
slots:
  what: [fever, { text: "a {kind} pain", weight: 3 }]
  kind: [dull, ""]
`;
    expect(parseGrammar("prompts.yaml", text)).toEqual({
      notes: [],
      grammar: {
        templates: [
          { text: "Explain {what} to me.", weight: 1 },
          { text: 'As JSON: {{"q": "{what}"}}', weight: 0.5 },
        ],
        slots: {
          what: [
            { text: "fever", weight: 1 },
            { text: "a {kind} pain", weight: 3 },
          ],
          kind: [
            { text: "dull", weight: 1 },
            { text: "", weight: 1 },
          ],
        },
      },
    });
  });

  test("may do without slots", () => {
    expect(parseGrammar("prompts.yaml", "templates: [Hello]\n").grammar?.slots).toEqual({});
  });

  test("keeps a warning beside its value", () => {
    const { grammar, notes } = parseGrammar("prompts.yaml", "templates: [Hello]\nslots: { rest: [x] }\n");
    expect(grammar).toBeDefined();
    expect(brief(notes)).toEqual(["warning: «rest» nothing refers to the slot `rest` (use it or remove it)"]);
  });
});

describe("the pieces of a text", () => {
  test("are literals, slots and stray braces", () => {
    expect(promptPieces("a {{b}} {c-1}{{{d}}} }")).toEqual([
      { kind: "literal", text: "a " },
      { kind: "literal", text: "{" },
      { kind: "literal", text: "b" },
      { kind: "literal", text: "}" },
      { kind: "literal", text: " " },
      { kind: "slot", name: "c-1", start: 8, end: 13 },
      { kind: "literal", text: "{" },
      { kind: "slot", name: "d", start: 15, end: 18 },
      { kind: "literal", text: "}" },
      { kind: "literal", text: " " },
      { kind: "stray", text: "}", start: 21, end: 22 },
    ]);
  });
});

describe("mistakes", () => {
  const slots = "slots: { organ: [heart], pain: [dull] }\n";

  test.each([
    [`templates: ["{organ} {pian}"]\n${slots}`, "«{pian}» there is no slot `pian` (did you mean `pain`?)"],
    ["templates: ['{organ}']\n", "«{organ}» there is no slot `organ` (the grammar has no slots)"],
    [
      `templates: ["{organ} {pain} {sex}"]\n${slots}`,
      "«{sex}» there is no slot `sex` (the slots are `organ` and `pain`)",
    ],
    [
      `templates: ["{organ} {pain} }"]\n${slots}`,
      "«}» a `}` without its partner (write `{name}` for a slot, `{{` and `}}` for braces)",
    ],
    [
      `templates: ["{organ} {pain} { x }"]\n${slots}`,
      "«{ x }» `{ x }` does not name a slot (write `{name}` for a slot, `{{` and `}}` for braces)",
    ],
    [`templates: ["{organ}"]\n${slots}`, "warning: «pain» nothing refers to the slot `pain` (use it or remove it)"],
    ["templates: ['{a}']\nslots: { a: [] }\n", "«[]» `a` is empty (give it at least one text)"],
    ["templates: ['{a}']\nslots:\n  a:\n", "«a» `a` has no value (it must be a list of texts)"],
    ["templates: ['{a}']\nslots: { a: x }\n", "«x» `a` must be a list of texts, not `x`"],
    [
      "templates: [x]\nslots: { My Slot: [x] }\n",
      "«My Slot» `My Slot` is not a name for a slot (a slot is named by `a-z`, `0-9`, `_` and `-`, a letter first)",
    ],
    [
      "templates: [x]\nslots: { __proto__: [x] }\n",
      "«__proto__» `__proto__` is not a name for a slot (a slot is named by `a-z`, `0-9`, `_` and `-`, a letter first)",
    ],
    ["templates: ['{constructor}']\n", "«{constructor}» there is no slot `constructor` (the grammar has no slots)"],
    ["template: [x]\n", "«template» `template` is not a key of a prompt grammar (did you mean `templates`?)"],
    ["templates: [{ text: x, weight: 0 }]\n", "«0» `weight` must be above `0`, not `0`"],
    ["templates: [{ text: x, wieght: 2 }]\n", "«wieght» `wieght` is not a key of an entry (did you mean `weight`?)"],
    ["templates: [{ weight: 2 }]\n", "«weight» an entry lacks `text` (it must be a text)"],
    [
      "templates:\n  - {organ}\n",
      "«organ» an entry of `templates` must be a text (in quotes if it holds `{` or `: `), or a mapping with `text` and `weight`, not a mapping with `organ`",
    ],
    [
      "templates:\n  - Question: why\n",
      "«Question» an entry of `templates` must be a text (in quotes if it holds `{` or `: `), or a mapping with `text` and `weight`, not a mapping with `Question`",
    ],
    ["templates:\n  - {organ} hurts\n", "«hurts» text after the end of a value (put the whole value in quotes)"],
  ])("%j", (text, expected) => {
    expect(said(text)).toEqual([expected]);
  });

  test("references are found behind escapes and in folded text", () => {
    const text = 'templates:\n  - "\\u00e9 {a} \\"{x}\\""\n  - >\n    long {a}\n    and {y}\nslots: { a: [b] }\n';
    const { notes } = parseGrammar("prompts.yaml", text);
    expect(notes.map((note) => note.location.start)).toEqual([text.indexOf("{x}"), text.indexOf("{y}")]);
  });

  test("the second of two equal references is told apart from the first", () => {
    const text = "templates: ['{b} and {b}']\nslots: { a: [x] }\n";
    const errors = parseGrammar("prompts.yaml", text).notes.filter((note) => note.severity === "error");
    expect(errors.map((note) => note.location.start)).toEqual([text.indexOf("{b}"), text.lastIndexOf("{b}")]);
  });
});

describe("cycles of slots", () => {
  test("show every edge", () => {
    const text = `templates: ["{out}"]
slots:
  out: ["{c}"]
  a: ["x {b}", y]
  b: ["{a} {leaf}"]
  c: ["{a}"]
  leaf: [z]
`;
    expect(said(text)).toEqual([
      "«a» the slot `a` never comes to an end: `a` → `b` → `a` [«{b}» `a` refers to `b` here] [«{a}» `b` refers to `a` here]",
    ]);
  });

  test("of one slot, and several, are told one by one", () => {
    const text = "templates: ['{a}{c}']\nslots: { c: ['{d}'], a: ['{a}'], d: ['{c}'] }\n";
    expect(said(text)).toEqual([
      "«c» the slot `c` never comes to an end: `c` → `d` → `c` [«{d}» `c` refers to `d` here] [«{c}» `d` refers to `c` here]",
      "«a» the slot `a` never comes to an end: `a` → `a` [«{a}» `a` refers to `a` here]",
    ]);
  });
});
