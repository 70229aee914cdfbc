import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { pipelineJsonSchema } from "../../src/pipeline/json-schema.ts";
import { presetNames } from "../../src/pipeline/presets.ts";
import { fits } from "./fits.ts";
import { good, withMistake } from "./memory-reader.ts";
import { loadedFrom, withTolerance, type Change } from "./two-domains.ts";

const schema = pipelineJsonSchema();
/** Words in another case are taken by the program alone. */
const editorTakes = (text: string): boolean => fits(schema, parse(text.replace("q6_k", "Q6_K")));

describe("an editor takes what the program takes", () => {
  test.each<[string, string]>([
    ["medical", "chat"],
    ...presetNames.map((name): [string, string] => ["medical", name]),
    ["[medical, general]", "chat"],
    ["[general]", "{ ppl: 3% }"],
    ["medical", "{ ppl: 3%, kld: 0.06, confidence: 95% }"],
    ["medical", "{ ppl: 3%, kld: 0.06 nats, same-top: 95%, confidence: 95% }"],
    ["medical", "{ ppl-delta: 0.05 }"],
    ["medical", "{ ppl-delta: 1, kld: 1, same-top: 50% }"],
    ["", "{ medical: 2% }"],
    ["", "{ medical: 2%, general: { ppl: 4%, kld: 0.1 } }"],
    ["[medical, general]", "{ medical: { ppl-delta: 0.05 }, general: code }"],
  ])("with the domains %j and the tolerance %s", async (domains, tolerance) => {
    const text = withTolerance(domains, tolerance);
    await expect(loadedFrom(text)).resolves.toMatchObject({ name: "medical" });
    expect(editorTakes(text)).toBe(true);
  });

  test.each<Change>([
    ["name: medical", "name: medical"],
    ["q6_k]", "q6_k], dominated: keep"],
    ["kv: f16", "kv: f16, logits-disk: 20GiB"],
    ["kv: f16", "kv: f16, logits-disk: 500 mb"],
    ["tolerance: chat", "tolerance: chat, mode: decisive, planned-reruns: 99"],
    ["tolerance: chat", "tolerance: chat, warn: { p99-kld: 0.5 }"],
    ["tolerance: chat", "tolerance: chat, warn: {}"],
    ["timeouts:", "fit: { gpu: rtx-4090 }\ntimeouts:"],
    ["timeouts:", "fit: { vram: 8GiB, context: max, kv: [q8_0] }\ntimeouts:"],
    [
      "timeouts:",
      "fit: { gpu: dgx-spark, context: { min: 16k }, parallel: 4, verify: true, reserve: 500MB }\ntimeouts:",
    ],
  ])("%s → %s", async (from, to) => {
    const text = withMistake([from, to]);
    await expect(loadedFrom(text)).resolves.toMatchObject({ name: "medical" });
    expect(editorTakes(text)).toBe(true);
  });

  test("without `validate`, where the tolerance names the domains", () => {
    const text = withTolerance("", "{ medical: 2% }").replace(/validate: .*\n/, "");
    expect(editorTakes(text)).toBe(true);
  });
});

describe("an editor marks", () => {
  test.each([
    "",
    "3%",
    "caht",
    "3",
    "[chat]",
    "{}",
    "{ kld: 0.1 }",
    "{ ppl: 3 }",
    "{ ppl: 3%, ppl-delta: 0.05 }",
    "{ ppl-delta: 5% }",
    "{ ppl-delta: 0 }",
    "{ ppl: 3%, kdl: 0.1 }",
    "{ ppl: 3%, medical: 2% }",
    "{ medical: 2, general: 3% }",
    "{ medical: cod }",
    "{ medical: {} }",
    "{ medical: { ppl: 3%, ppl-delta: 0.05 } }",
    "{ Medical: 2% }",
  ])("the tolerance %j", (tolerance) => {
    expect(editorTakes(withTolerance("medical", "chat"))).toBe(true);
    expect(editorTakes(withTolerance("medical", tolerance))).toBe(false);
  });

  test.each<Change>([
    ["{ tolerance: chat }", "{ mode: full }"],
    ["tolerance: chat", "tolerance: chat, mode: quick"],
    ["tolerance: chat", "tolerance: chat, planned-reruns: 100"],
    ["tolerance: chat", "tolerance: chat, planned-reruns: 1.5"],
    ["tolerance: chat", "tolerance: chat, planned-reruns: '3'"],
    ["tolerance: chat", "tolerance: chat, warn: { p98-kld: 1 }"],
    ["kv: f16", "kv: f16, logits-disk: 20"],
    ["domain: medical, units", "domain: [], units"],
    ["domain: medical, units", "domain: [Medical], units"],
    ["q6_k]", "q6_k], dominated: maybe"],
  ])("%s → %s", (from, to) => {
    expect(editorTakes(good)).toBe(true);
    expect(editorTakes(withMistake([from, to]))).toBe(false);
  });
});
