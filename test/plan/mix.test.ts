import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pipeline, Source } from "../../src/pipeline/pipeline.ts";
import { calibrationMix } from "../../src/plan/mix.ts";
import { small } from "./pipelines.ts";

const withSources = (changes: readonly Partial<Source>[], chunks = 10): Pipeline => ({
  ...small,
  imatrix: { ...small.imatrix, chunks, perSource: chunks },
  corpus: {
    ...small.corpus,
    sources: changes.map((change, index) => ({ ...small.corpus.sources[0]!, id: `s${index}`, ...change }) as Source),
  },
});
const windows = (pipeline: Pipeline): Record<string, number> =>
  Object.fromEntries(calibrationMix(pipeline).map(({ id, chunks }) => [id, chunks]));

describe("the mix of calibration text", () => {
  test("follows the shares", () => {
    expect(windows(withSources([{ share: 0.5 }, { share: 0.3 }, { share: 0.2 }]))).toEqual({ s0: 5, s1: 3, s2: 2 });
  });

  test("gives a source no more than its max-tokens, and the rest to the others by their shares", () => {
    const capped = withSources([{ share: 0.5, maxTokens: 2 * 512 + 100 }, { share: 0.3 }, { share: 0.2 }]);
    expect(windows(capped)).toEqual({ s0: 2, s1: 5, s2: 3 });
    const all = withSources([
      { share: 0.5, maxTokens: 1024 },
      { share: 0.5, maxTokens: 511 },
    ]);
    expect(windows(all)).toEqual({ s0: 2 });
  });

  test("leaves out what is held out", () => {
    expect(windows(withSources([{ share: 1 }, { share: 1, holdoutOnly: true }]))).toEqual({ s0: 10 });
  });

  test("never gives more windows than there are, nor a source more than it may, whatever is asked", () => {
    const source = fc.record({
      share: fc.double({ min: 0.01, max: 1, noNaN: true }),
      maxTokens: fc.option(fc.integer({ min: 1, max: 10_000 })),
    });
    fc.assert(
      fc.property(
        fc.array(source, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 60 }),
        (sources, chunks) => {
          const pipeline = withSources(sources, chunks);
          const given = windows(pipeline);
          const total = Object.values(given).reduce((a, b) => a + b, 0);
          expect(total).toBeLessThanOrEqual(chunks);
          const caps = sources.map(({ maxTokens }) => (maxTokens === null ? Infinity : Math.floor(maxTokens / 512)));
          for (const [index, cap] of caps.entries()) expect(given[`s${index}`] ?? 0).toBeLessThanOrEqual(cap);
          expect(total).toBe(
            Math.min(
              chunks,
              caps.reduce((a, b) => a + b, 0),
            ),
          );
        },
      ),
    );
  });
});
