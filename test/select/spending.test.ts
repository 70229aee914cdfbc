import normalCdf from "@stdlib/stats-base-dists-normal-cdf";
import { describe, expect, test } from "vitest";
import { looksOf } from "../../src/base/looks.ts";
import { criticalValues } from "../../src/select/spending.ts";
import { seededRandom } from "../sim/random.ts";

/** Parts of Brownian motion's paths that cross at each look first. */
const crossings = (looks: readonly number[], critical: readonly number[], paths: number): number[] => {
  const random = seededRandom(11);
  const first = looks.map(() => 0);
  for (let path = 0; path < paths; path += 1) {
    let sum = 0;
    for (const [index, units] of looks.entries()) {
      sum += Math.sqrt(units - (looks[index - 1] ?? 0)) * random.normal();
      if (sum <= critical[index]! * Math.sqrt(units)) continue;
      first[index]! += 1;
      break;
    }
  }
  return first.map((count) => count / paths);
};

describe("criticalValues", () => {
  // Values of an independent computation for the same spending function, three decimals.
  test.each([
    [16, 0.05, [1.645]],
    [32, 0.05, [2.24, 1.699]],
    [64, 0.05, [2.728, 2.305, 1.704]],
    [128, 0.05, [3.164, 2.799, 2.306, 1.706]],
    [128, 0.025, [3.364, 3.02, 2.56, 2.024]],
    [128, 0.01, [3.598, 3.299, 2.873, 2.396]],
  ])("of %i units at %f are %j", (units, alpha, expected) => {
    const found = criticalValues(looksOf(units), alpha);
    expect(found).toHaveLength(expected.length);
    for (const [index, value] of expected.entries()) expect(Math.abs(found[index]! - value)).toBeLessThan(0.01);
  });

  test("a single look takes the whole error, the first of several its square part", () => {
    expect(1 - normalCdf(criticalValues([40], 0.05)[0]!, 0, 1)).toBeCloseTo(0.05, 10);
    expect(1 - normalCdf(criticalValues([10, 40], 0.05)[0]!, 0, 1)).toBeCloseTo(0.05 / 16, 10);
  });

  test.each([
    [32, 0.05],
    [128, 0.05],
    [128, 0.01],
    [130, 0.05],
    [1000, 0.05],
  ])(
    "Brownian motion crosses those of %i units with a chance of %f in all, and of α·t² up to each look",
    (units, alpha) => {
      const looks = looksOf(units);
      const paths = 200_000;
      let crossed = 0;
      for (const [index, part] of crossings(looks, criticalValues(looks, alpha), paths).entries()) {
        crossed += part;
        const spent = alpha * (looks[index]! / units) ** 2;
        expect(Math.abs(crossed - spent)).toBeLessThan(4 * Math.sqrt(spent / paths) + 1 / paths);
      }
    },
  );

  test("depend on the parts of the whole only", () => {
    const [small, large] = [criticalValues([16, 32, 64], 0.05), criticalValues([160, 320, 640], 0.05)];
    for (const [index, value] of small.entries()) expect(large[index]).toBeCloseTo(value, 12);
  });
});
