import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareMatrices, type MeasuredBuild } from "../../src/select/ablation.ts";
import type { MatrixName } from "../../src/base/matrix-names.ts";

/** Standard normal numbers, the same for a seed. */
const normals = (seed: number): (() => number) => {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
};

const build = (type: string, matrix: MatrixName, kld: readonly number[]): MeasuredBuild => ({
  type,
  matrix,
  bpw: 3,
  losses: { medical: { kld, lnPplRatio: kld.map((loss) => loss / 2) } },
});

const texts = Array.from({ length: 32 }, (_, unit) => 0.1 + 0.05 * Math.sin(unit));

describe("compareMatrices", () => {
  test("tells a small steady gain that the spread of the texts would hide", () => {
    const wobble = texts.map((_, unit) => 0.001 * Math.cos(unit));
    const { comparisons } = compareMatrices(
      [
        build("Q3_K_M", "general", texts),
        build(
          "Q3_K_M",
          "domain",
          texts.map((loss, unit) => loss - 0.004 + (wobble[unit] ?? 0)),
        ),
        build(
          "Q3_K_M",
          "mixed",
          texts.map((loss, unit) => loss + 0.004 + (wobble[unit] ?? 0)),
        ),
      ],
      ["medical"],
    );
    expect(comparisons.map(({ matrix, against, kld }) => [matrix, against, kld.verdict])).toEqual([
      ["domain", "general", "helped"],
      ["mixed", "general", "hurt"],
    ]);
    expect(comparisons[0]?.kld.mean).toBeCloseTo(-0.004, 3);
    expect(comparisons[0]?.lnPplRatio.mean).toBeCloseTo(-0.002, 3);
  });

  test("says of the same losses that nothing differs, and of a wide spread that it cannot be told", () => {
    const noisy = texts.map((loss, unit) => loss + (unit % 2 === 0 ? 0.05 : -0.049));
    const { comparisons } = compareMatrices(
      [build("Q4_K_M", "general", texts), build("Q4_K_M", "domain", texts), build("Q4_K_M", "mixed", noisy)],
      ["medical"],
    );
    expect(comparisons.map(({ kld }) => kld.verdict)).toEqual(["same", "unclear"]);
    expect(comparisons[0]?.kld).toMatchObject({ mean: 0, lower: 0, upper: 0 });
  });

  test("divides the error rate among all intervals: Student's t at that level, by hand", () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    const zero = values.map(() => 0);
    const found = compareMatrices([build("Q2_K", "none", zero), build("Q2_K", "mixed", values)], ["medical"]);
    expect(found).toMatchObject({ errorRate: 0.05, intervals: 2, units: 16 });
    // t(15) at 1 − 0.05/4 is 2.4899; the mean is 8.5 and s/√n = 4.760952/4.
    expect(found.comparisons[0]?.kld.lower).toBeCloseTo(8.5 - (2.4899 * 4.760952) / 4, 3);
    expect(found.comparisons[0]?.kld.upper).toBeCloseTo(8.5 + (2.4899 * 4.760952) / 4, 3);
  });

  test("a type without the reference has the next one, and one with a single matrix is compared with nothing", () => {
    const { comparisons, builds, intervals } = compareMatrices(
      [
        build("Q4_K_M", "none", texts),
        build("Q4_K_M", "mixed", texts),
        build("IQ2_XS", "mixed", texts),
        build("IQ2_XS", "domain", texts),
        build("IQ1_S", "mixed", texts),
      ],
      ["medical"],
    );
    expect(comparisons.map(({ type, matrix, against }) => `${type} ${matrix} ${against}`)).toEqual([
      "Q4_K_M mixed none",
      "IQ2_XS mixed domain",
    ]);
    expect(builds).toHaveLength(5);
    expect(intervals).toBe(4);
  });

  test("of nothing, nothing", () => {
    expect(compareMatrices([], ["medical"])).toMatchObject({ intervals: 0, units: 0, builds: [], comparisons: [] });
  });

  test("no interval of a null family leaves 0 more often than stated, whatever they share", () => {
    const draw = normals(11);
    const runs = 1000;
    let missed = 0;
    for (let run = 0; run < runs; run += 1) {
      const noise = (): number[] => texts.map((loss) => loss + 0.01 * draw());
      const reference = noise();
      const builds = (["Q4_K_M", "Q3_K_M", "IQ2_XS"] as const).flatMap((type) => [
        build(type, "general", reference),
        build(type, "domain", noise()),
        build(type, "mixed", noise()),
      ]);
      const { comparisons } = compareMatrices(builds, ["medical"]);
      if (comparisons.some(({ kld }) => kld.verdict !== "unclear")) missed += 1;
    }
    // Here NLL is half of KLD, so that half of the intervals say nothing new: well below 5 %, and not never.
    expect(missed / runs).toBeLessThan(0.05);
    expect(missed).toBeGreaterThan(0);
  });

  test("an interval holds its mean, and turns round with the sides", () => {
    const losses = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(losses, losses, (one, other) => {
        const of = (a: readonly number[], b: readonly number[]) =>
          compareMatrices([build("Q2_K", "general", a), build("Q2_K", "domain", b)], ["medical"]).comparisons[0]?.kld;
        const [there, back] = [of(one, other), of(other, one)];
        expect(there?.lower).toBeLessThanOrEqual(there?.mean ?? Number.NaN);
        expect(there?.upper).toBeGreaterThanOrEqual(there?.mean ?? Number.NaN);
        expect(back?.mean).toBeCloseTo(-(there?.mean ?? 0), 9);
        expect(back?.lower).toBeCloseTo(-(there?.upper ?? 0), 9);
      }),
    );
  });
});
