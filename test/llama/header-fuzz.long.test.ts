import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseGguf } from "../../src/llama/gguf.ts";
import { modelShape } from "../../src/llama/model-shape.ts";
import { estimateMemory } from "../../src/select/memory/estimate.ts";
import { maxContext } from "../../src/select/memory/max-context.ts";
import { usualSettings } from "../../src/select/memory/settings.ts";
import { headerGguf } from "../rig/header-gguf.ts";
import { headerModels } from "../rig/header-models.ts";
import { memoryBytes } from "../rig/header-shape.ts";
import { random } from "./random.ts";

type Next = ReturnType<typeof random>;

/** Numbers that have hurt readers before. */
const nasty: readonly bigint[] = [0n, 1n, 255n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

/** Changes a few places: bytes, counts, bits, runs copied from elsewhere; half of the time where the metadata is. */
const mutate = (bytes: Buffer, next: Next): void => {
  for (let change = 1 + next(4); change > 0; change -= 1) {
    const at = next(Math.min(bytes.length, next(2) === 0 ? 2500 : bytes.length) - 8);
    const kind = next(5);
    if (kind === 0) bytes[at] = next(256);
    else if (kind === 1) bytes.writeBigUInt64LE(nasty[next(nasty.length)]!, at);
    else if (kind === 2) bytes.writeUInt32LE(next(0x1_0000_0000), at);
    else if (kind === 3) bytes[at]! ^= 1 << next(8);
    else bytes.copyWithin(at, next(bytes.length), next(bytes.length));
  }
};

const vocabulary = readFileSync(new URL("../../models/pocket-f16.gguf", import.meta.url)).subarray(0, 120_000);
const sources = [...headerModels.map((model) => headerGguf(model).header), vocabulary];

const settings = { ...usualSettings, context: 4096 };

/** All that is done with a header of a stranger; says what came of it. */
const use = (bytes: Buffer): string => {
  const gguf = parseGguf(memoryBytes(bytes));
  if (!gguf.ok) return gguf.error.why;
  const shape = modelShape(gguf.value);
  if (!shape.ok) return shape.error.why;
  const [estimate, longest] = [
    estimateMemory(shape.value, settings),
    maxContext(shape.value, settings, 24 * 1024 ** 3),
  ];
  if (!estimate.ok) return estimate.error.code;
  const numbers = estimate.value.components.flatMap(({ gpu, cpu }) => [gpu, cpu]);
  expect(numbers.filter((number) => !Number.isFinite(number) || number < 0)).toEqual([]);
  return longest.ok ? "ok" : longest.error.code;
};

describe("the reader of headers", () => {
  it("takes 10,000 mutated headers without a throw, a stall or much memory", () => {
    const next = random(20_26);
    const before = process.memoryUsage().rss;
    const seen = new Map<string, number>();
    let slowest = 0;
    for (let round = 0; round < 10_000; round += 1) {
      const source = sources[round % sources.length]!;
      const bytes = Buffer.from(next(4) === 0 ? source.subarray(0, 32 + next(source.length - 32)) : source);
      mutate(bytes, next);
      const started = performance.now();
      const outcome = use(bytes);
      slowest = Math.max(slowest, performance.now() - started);
      expect(outcome).toMatch(/^(ok|[a-z][^\n]*[^.\n])$/s);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }
    // Both kinds were met, many ways; a header of some kilobytes never takes seconds or hundreds of megabytes.
    expect(seen.get("ok")).toBeGreaterThan(500);
    expect(seen.size).toBeGreaterThan(100);
    expect(slowest).toBeLessThan(10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
  });
});
