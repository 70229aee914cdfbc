import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical, type Json, type JsonObject } from "../../src/base/canonical.ts";
import { whyDifferent } from "../../src/plan/why.ts";

const before = {
  schema: 1,
  kind: "validate",
  version: 1,
  params: { context: 512, tolerance: { name: "chat", ppl: 0.03 }, types: ["Q8_0"], old: true },
  inputs: { "model.gguf": "aa", "quant.gguf": "bb" },
  outputs: ["rows"],
  tool: { name: "llama-perplexity", version: "0.5.0", identity: "cc" },
  numeric: { backend: "cpu", device: "cpu", isa: "x86-64-v3" },
} satisfies JsonObject;

describe("whyDifferent", () => {
  test("has nothing to say of equal documents", () => {
    expect(whyDifferent(before, structuredClone(before))).toEqual([]);
  });

  test("gives one reason for each field that differs, in a fixed order", () => {
    const now = {
      ...before,
      version: 2,
      params: { types: ["Q8_0", "Q6_K"], tolerance: { ppl: 0.05, name: "chat" }, context: 1024, new: "x" },
      inputs: { "quant.gguf": "b2", "model.gguf": "aa" },
      tool: { ...before.tool, version: "0.6.0", identity: "c2" },
      numeric: { ...before.numeric, backend: "cuda" },
    };
    expect(whyDifferent(before, now)).toEqual([
      { code: "parameter", field: "context", from: "512", to: "1024" },
      { code: "parameter", field: "new", from: "none", to: "x" },
      { code: "parameter", field: "old", from: "true", to: "none" },
      { code: "parameter", field: "tolerance.ppl", from: "0.03", to: "0.05" },
      { code: "parameter", field: "types", from: '["Q8_0"]', to: '["Q8_0","Q6_K"]' },
      { code: "input", field: "quant.gguf", from: "bb", to: "b2" },
      { code: "tool", field: "identity", from: "cc", to: "c2" },
      { code: "tool", field: "version", from: "0.5.0", to: "0.6.0" },
      { code: "numeric-class", field: "backend", from: "cpu", to: "cuda" },
      { code: "step-version", from: '[1,"validate",1]', to: '[1,"validate",2]' },
    ]);
  });

  test("does not blame the program for outputs that other parameters bring", () => {
    const now = { ...before, params: { ...before.params, context: 1024 }, outputs: ["rows", "more"] };
    expect(whyDifferent(before, now)).toEqual([{ code: "parameter", field: "context", from: "512", to: "1024" }]);
  });

  test("blames the program for other outputs when nothing else differs", () => {
    expect(whyDifferent(before, { ...before, outputs: ["rows", "more"] })).toMatchObject([{ code: "step-version" }]);
  });

  test.each<[string, Json, Json]>([
    ["null and nothing at all", { a: null }, {}],
    ["an empty object and nothing at all", { a: {} }, {}],
    ["a number and its digits", { a: 1 }, { a: "1" }],
    ["the text none and nothing at all", { a: "none" }, {}],
    ["an empty list and an empty object", { a: [] }, { a: {} }],
    ["a list in another order", { a: [1, 2] }, { a: [2, 1] }],
  ])("tells apart %s", (_, from, to) => {
    expect(whyDifferent({ ...before, params: from }, { ...before, params: to })).toMatchObject([
      { code: "parameter", field: "a" },
    ]);
  });

  test("gives each field of a tool that there was none before", () => {
    expect(whyDifferent({ ...before, tool: null, numeric: null }, before).map(({ code }) => code)).toEqual([
      "tool",
      "tool",
      "tool",
      "numeric-class",
      "numeric-class",
      "numeric-class",
    ]);
  });

  test("finds a reason for any two documents that differ, and none for equal ones", () => {
    const params = fc
      .dictionary(fc.constantFrom("a", "b"), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true })
      .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
    fc.assert(
      fc.property(params, params, (from, to) => {
        const reasons = whyDifferent({ ...before, params: from }, { ...before, params: to });
        expect(reasons.length > 0).toBe(canonical(from) !== canonical(to));
      }),
    );
  });
});
