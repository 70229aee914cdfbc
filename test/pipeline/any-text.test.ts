import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parsePipeline } from "../../src/pipeline/load.ts";
import type { Pipeline } from "../../src/pipeline/pipeline.ts";
import { parseGrammar } from "../../src/pipeline/grammar.ts";
import {
  readAmount,
  readBytes,
  readCount,
  readDuration,
  readLength,
  readNats,
  readPercent,
} from "../../src/pipeline/quantities.ts";
import type { Diagnostic } from "../../src/base/diagnostic.ts";
import { sourceSchema } from "../../src/pipeline/source-schema.ts";
import { good, memoryReader, pipelineFile, world } from "./memory-reader.ts";

const keys = [
  "name",
  "model",
  "corpus",
  "sources",
  "share",
  "select",
  "tolerance",
  "validate",
  "types",
  "a",
  "__proto__",
];
const values = fc.object({ key: fc.constantFrom(...keys), withNullPrototype: false, maxDepth: 4 });

/** A good pipeline with a stretch of it replaced by anything. */
const damaged = fc
  .tuple(
    fc.nat(good.length),
    fc.nat(20),
    fc.oneof(fc.string(), fc.constantFrom("&a ", "*a", "[", "}", ": ", "- ", "\t", "!x ")),
  )
  .map(([at, cut, piece]) => good.slice(0, at) + piece + good.slice(at + cut));

const sourceValue = fc.oneof(
  fc.anything(),
  fc.constantFrom("a", "../corpora/**", ["a", "b"], true, "jsonl", "csv", "20%"),
);

/** A source with some of its keys, of any kinds. */
const anySource = fc.record(Object.fromEntries(Object.keys(sourceSchema.shape).map((key) => [key, sourceValue])), {
  requiredKeys: [],
});

const bound = fc.oneof(fc.anything(), fc.constantFrom("3%", "0.05%", "200%", "3 %", 0.05, 3, "0.06 nats", "100%"));

const anyBounds = fc.record(
  { ppl: bound, "ppl-delta": bound, kld: bound, "same-top": bound, confidence: bound, kdl: bound },
  { requiredKeys: [] },
);

const anyDomain = fc.constantFrom("medical", "general", "ppl", "kld", "medicl", "2024", "__proto__", "toString");

/** A tolerance in one of its forms, or in several at once. */
const anyTolerance = fc.oneof(
  fc.anything(),
  fc.constantFrom("chat", "caht", "3%", { "ppl-delta": 0.05 }, { medical: "2%" }, { medical: "2%", general: "chat" }),
  anyBounds,
  fc.dictionary(anyDomain, fc.oneof(bound, anyBounds, fc.constantFrom("code", "cod"))),
  fc.tuple(anyBounds, fc.dictionary(anyDomain, bound)).map(([own, each]) => ({ ...own, ...each })),
);

const anyDomains = fc.oneof(
  fc.constantFrom("medical", ["medical"], ["general", "medical"]),
  anyDomain,
  fc.array(fc.oneof(anyDomain, fc.anything())),
  fc.anything(),
);

/** The good pipeline with tolerances, domains and sources of domains that do not fit each other. */
const mismatched = fc
  .record({
    source: fc.oneof(fc.constant("general"), anyDomain),
    domains: fc.option(anyDomains),
    tolerance: anyTolerance,
  })
  .map(({ source, domains, tolerance }) => {
    const named = domains === null ? "" : `domain: ${flow(domains)}, `;
    return good
      .replace("domain: medical, units", () => `${named}units`)
      .replace("domain: general", () => `format: lines, domain: ${source}`)
      .replace("tolerance: chat", () => `tolerance: ${flow(tolerance)}`);
  });

/** Values of any kind at the places where the schema wants others. */
const misfilled = fc.record(
  {
    name: fc.anything(),
    model: fc.anything(),
    corpus: fc.record({
      short: fc.anything(),
      "overlap-limit": fc.anything(),
      hygiene: fc.oneof(
        fc.anything(),
        fc.record({ nfc: fc.anything(), "min-length": fc.anything(), languages: fc.anything() }, { requiredKeys: [] }),
      ),
      sources: fc.array(anySource),
    }),
    validate: fc.record(
      { domain: anyDomains, units: fc.anything(), kv: fc.anything(), "logits-disk": fc.anything() },
      { requiredKeys: [] },
    ),
    select: fc.record(
      { tolerance: anyTolerance, mode: fc.anything(), "planned-reruns": fc.anything(), warn: fc.anything() },
      { requiredKeys: [] },
    ),
    quantize: fc.record({ types: fc.array(fc.anything()) }),
  },
  { requiredKeys: [] },
);

/** JSON is YAML on one line; what JSON does not have is null. */
const flow = (value: unknown): string => {
  const text: unknown = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? null : inner));
  return typeof text === "string" ? text : "null";
};

const yamlOf = (value: unknown): string => {
  try {
    return stringify(value, { aliasDuplicateObjects: false });
  } catch {
    return "";
  }
};

/** What other rooms rely on. */
const expectSettled = ({ validate, select }: Pipeline): void => {
  expect(validate.domains.length).toBeGreaterThan(0);
  expect(new Set(validate.domains).size).toBe(validate.domains.length);
  expect(select.tolerances.map(({ domain }) => domain)).toEqual(validate.domains);
  for (const { ppl, pplDelta, kld } of select.tolerances) {
    expect([ppl, pplDelta].filter((each) => each !== null)).toHaveLength(1);
    expect(kld !== null || pplDelta !== null).toBe(true);
  }
};

const said = async (text: string): Promise<readonly Diagnostic[]> => {
  const loaded = await parsePipeline(pipelineFile, text, memoryReader(world));
  if (loaded.ok) {
    expectSettled(loaded.value.pipeline);
    return loaded.value.warnings;
  }
  if (loaded.error.reason !== "invalid-pipeline") throw new Error(loaded.error.reason);
  expect(loaded.error.diagnostics.some((note) => note.severity === "error")).toBe(true);
  return loaded.error.diagnostics;
};

/** Every diagnostic is a sentence of ours about a place in the text, in source order. */
const expectSound = (notes: readonly Diagnostic[], text: string): void => {
  let before = 0;
  for (const { message, help = "", location } of notes) {
    expect(`${message} ${help}`).not.toMatch(/invalid input|expected|received|\bunion\b|undefined|\[object|NaN\b/i);
    expect(message).not.toMatch(/\.$/);
    expect(location.text).toBe(text);
    expect(location.start).toBeGreaterThanOrEqual(before);
    expect(location.end).toBeGreaterThanOrEqual(location.start);
    expect(location.end).toBeLessThanOrEqual(text.length);
    before = location.start;
  }
};

describe("any text at all", () => {
  test.each([
    ["characters", fc.string({ unit: "grapheme" })],
    ["YAML of any value", values.map((value) => yamlOf(value))],
    ["a damaged pipeline", damaged],
    ["a pipeline of tolerances and domains", mismatched],
    ["a pipeline of wrong values", misfilled.map((value) => yamlOf(value))],
  ])("%s: loading never throws and explains itself", async (_, texts) => {
    const held = fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const clean = text.replaceAll(/undefined|NaN|expected|received|union/gi, "x");
        expectSound(await said(clean), clean);
      }),
      { numRuns: 300 },
    );
    await expect(held).resolves.toBeUndefined();
  });

  test("reading a prompt grammar never throws", () => {
    const entry = fc.oneof(
      fc.string(),
      fc.constantFrom("{a}", "{b} {c}", "{{", "{"),
      fc.record({ text: fc.string(), weight: fc.double() }),
    );
    const slot = fc.dictionary(fc.constantFrom("a", "b", "c", "toString"), fc.array(entry));
    const held = () => {
      fc.assert(
        fc.property(fc.record({ templates: fc.array(entry), slots: slot }), (value) => {
          const text = yamlOf(value).replaceAll(/undefined|NaN|expected|received|union/gi, "x");
          expectSound(parseGrammar("prompts.yaml", text).notes, text);
        }),
        { numRuns: 300 },
      );
    };
    expect(held).not.toThrow();
  });
});

describe("quantities", () => {
  test("read back what they mean", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (n) => {
        expect(readCount(`${String(n)} units`, "units")).toBe(n);
        expect(readCount(n, "units")).toBe(n);
        expect(readLength(`${String(n)}k`)).toBe(n * 1024);
        expect(readAmount(`${String(n)}k`, "tokens")).toBe(n * 1000);
        expect(readDuration(`${String(n)}m`)).toBe(n * 60);
      }),
    );
  });

  test.each([
    [readPercent("3%"), 0.03],
    [readPercent("0.5 %"), 0.005],
    [readPercent(3), undefined],
    [readPercent("-3%"), undefined],
    [readNats("0.06 nats"), 0.06],
    [readNats("0.06 bits"), undefined],
    [readCount("1 unit", "units"), 1],
    [readCount("1.5 units", "units"), undefined],
    [readCount("99999999999999999999", "units"), undefined],
    [readCount(-1, "units"), undefined],
    [readLength("2k tokens"), 2048],
    [readLength("2kB"), undefined],
    [readDuration(600), undefined],
    [readBytes("20GiB"), 20 * 2 ** 30],
    [readBytes(" 1.5 mb "), 1_500_000],
    [readBytes(20), undefined],
    [readBytes("20Gi"), undefined],
    [readBytes("-1GB"), undefined],
    [readAmount("1.5M tokens", "tokens"), 1_500_000],
    [readAmount("1 token", "tokens"), 1],
    [readAmount("4Mcharacters", "characters"), 4_000_000],
    [readAmount("0.0005k", "tokens"), undefined],
    [readAmount("tokens", "tokens"), undefined],
    [readAmount("4 characters", "tokens"), undefined],
    [readAmount("99999999999999999M", "tokens"), undefined],
    [readAmount(-1, "tokens"), undefined],
  ])("case %#", (got, expected) => {
    expect(got).toBe(expected);
  });
});
