import { describe, expect, test } from "vitest";
import { lookRules, spentPart } from "../../src/select/level.ts";
import { looksOf } from "../../src/base/looks.ts";
import { criticalValues } from "../../src/select/spending.ts";

describe("lookRules", () => {
  // Student's quantiles of the nominal levels, from the published procedure's own table (three decimals of z before them).
  test("of 128 units are those of Student's t at the level of each look", () => {
    const rules = lookRules(128, 0.05);
    expect(rules.map(({ units }) => units)).toEqual([16, 32, 64, 128]);
    for (const [index, level] of [0.00078, 0.00256, 0.01056, 0.04401].entries())
      expect(rules[index]!.level / level).toBeCloseTo(1, 1);
    for (const [index, critical] of [3.856, 3.013, 2.365, 1.719].entries())
      expect(Math.abs(rules[index]!.critical - critical)).toBeLessThan(0.01);
  });

  test("of fewer units spend less, because small samples know less of their own tail", () => {
    expect([16, 32, 63, 64, 127, 128, 1000].map(spentPart)).toEqual([0.6, 0.6, 0.6, 0.7, 0.7, 1, 1]);
    expect(lookRules(16, 0.05)[0]!.level).toBeCloseTo(0.03, 10);
    // Printed tables: t(15) at 0.975 is 2.131 and at 0.95 is 1.753; 0.97 lies between.
    expect(lookRules(16, 0.05)[0]!.critical).toBeCloseTo(2.034, 3);
    expect(lookRules(64, 0.05).map(({ level }) => level)[0]).toBeCloseTo(0.035 / 16, 10);
  });

  test("are stricter at a smaller error rate, at every look", () => {
    const [usual, split] = [lookRules(128, 0.05), lookRules(128, 0.05 / 4)];
    for (const [index, { critical, level }] of split.entries()) {
      expect(critical).toBeGreaterThan(usual[index]!.critical);
      expect(level).toBeLessThan(usual[index]!.level);
    }
  });

  test.each([
    [17, 0.5],
    [129, 0.05],
    [4096, 0.001 / 100],
  ])("of %i units at %f are stricter than the normal ones, and finite", (units, alpha) => {
    const normal = criticalValues(looksOf(units), alpha * spentPart(units));
    for (const [index, { critical }] of lookRules(units, alpha).entries()) {
      expect(Number.isFinite(critical)).toBe(true);
      expect(critical).toBeGreaterThanOrEqual(normal[index]! - 1e-9);
    }
  });
});
