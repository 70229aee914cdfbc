import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withImatrices, type ImatrixEntry } from "../../src/llama/imatrix-reader.ts";
import { channelMeans, compareImatrices, describeWeight } from "../../src/llama/imatrix-statistics.ts";
import { entry, Matrices } from "./matrices.ts";

const close = (a: number, b: number): void =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)));

/** Tokens of raw activations, for each expert a list of vectors; what a tool would collect of them. */
const raw = fc
  .integer({ min: 1, max: 130 })
  .chain((width) =>
    fc
      .array(
        fc.array(fc.array(fc.integer({ min: -8, max: 8 }), { minLength: width, maxLength: width }), { maxLength: 4 }),
        { minLength: 1, maxLength: 3 },
      )
      .map((experts) => ({ width, experts })),
  );

const collected = (experts: readonly (readonly (readonly number[])[])[], width: number): ImatrixEntry =>
  entry(
    experts.map((tokens) =>
      Array.from({ length: width }, (_, channel) => tokens.reduce((sum, x) => sum + x[channel]! ** 2, 0)),
    ),
    experts.map((tokens) => tokens.length),
  );

describe("statistics of a weight", () => {
  test("equal those of the raw activations", () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(raw, ({ width, experts }) => {
        const tokens = experts.flat();
        const means = Array.from({ length: width }, (_, channel) =>
          tokens.length === 0 ? 0 : tokens.map((x) => x[channel]! ** 2).reduce((a, b) => a + b, 0) / tokens.length,
        );
        const total = means.reduce((a, b) => a + b, 0);
        const parts = means.map((mean) => (total === 0 ? 0 : mean / total));
        const bits = parts.filter((part) => part > 0).map((part) => -part * Math.log2(part));
        const sorted = parts.toSorted((a, b) => b - a).slice(0, Math.ceil(width / 100));
        const found = describeWeight("w", collected(experts, width));
        close(found.importance, total);
        close(found.largest, Math.max(...means));
        close(found.active, means.filter((mean) => mean > 0).length / width);
        close(found.entropy, width === 1 ? 0 : bits.reduce((a, b) => a + b, 0) / Math.log2(width));
        close(
          found.concentration,
          sorted.reduce((a, b) => a + b, 0),
        );
      }),
    );
  });

  test("of experts count each by its tokens", () => {
    expect([
      ...channelMeans(
        entry(
          [
            [4, 0],
            [0, 6],
          ],
          [1, 3],
        ),
      ),
    ]).toEqual([1, 1.5]);
  });
});

describe("the likeness of two matrices", () => {
  const like = (a: Readonly<Record<string, ImatrixEntry>>, b: Readonly<Record<string, ImatrixEntry>>) => {
    using folder = new Matrices();
    const compared = withImatrices([folder.write("a", a), folder.write("b", b)], ([one, other]) =>
      compareImatrices(one!, other!),
    );
    if (!compared.ok) throw new Error(compared.error.why);
    return compared.value;
  };

  test("does not depend on how many tokens went in", () => {
    const found = like({ a: entry([[1, 2]], [1]) }, { a: entry([[10, 20]], [7]) });
    expect(found.weights).toBe(1);
    close(found.median, 1);
  });

  test("is the cosine, over the weights that both have", () => {
    const found = like(
      { a: entry([[1, 0]], [1]), b: entry([[1, 1]], [1]) },
      { a: entry([[1, 1]], [1]), c: entry([[1]], [1]) },
    );
    expect(found.weights).toBe(1);
    close(found.least, Math.SQRT1_2);
  });

  test("is none without anything in common", () => {
    expect(like({ a: entry([[0]], [0]) }, { b: entry([[1]], [1]) })).toEqual({ weights: 0, median: 0, least: 0 });
    expect(like({ a: entry([[0]], [0]) }, { a: entry([[1]], [1]) })).toEqual({ weights: 1, median: 0, least: 0 });
  });
});
