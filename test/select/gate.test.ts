import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeGate } from "../../src/select/gate.ts";
import { lookRules } from "../../src/select/level.ts";
import { around, flat } from "./evidence.ts";

const rules = lookRules(128, 0.05);
const half = 0.5;
const anything = fc.oneof(
  fc.double({ min: -9, max: 9, noNaN: true }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity),
);
/** Units near a limit of 0.5, so that all three verdicts and all looks occur. */
const units = fc
  .tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 128, maxLength: 128 }),
  )
  .map(([mean, spread, noise]) => noise.map((each) => mean + spread * each));

describe("judgeGate", () => {
  test("passes what lies below its limit, and not what is at it", () => {
    expect(judgeGate(flat(half - 1e-12), half, rules)).toMatchObject({ verdict: "PASS", looks: [{ units: 16 }] });
    expect(judgeGate(flat(half), half, rules).verdict).toBe("FAIL");
    expect(judgeGate(flat(half + 1e-12), half, rules).verdict).toBe("FAIL");
  });

  test("passes at a look exactly when the limit is above the bound that it tells", () => {
    fc.assert(
      fc.property(units, (values) => {
        const looks = judgeGate(values, half, rules).looks.filter(({ upper }) => Math.abs(upper - half) > 1e-9);
        expect(looks.map(({ outcome }) => outcome === "PASS")).toEqual(looks.map(({ upper }) => half > upper));
      }),
    );
  });

  test("fails more than two standard errors above its limit, and goes on below that", () => {
    // Sixteen units at ±1: the standard error is √(16/15)/4 = 0.2582.
    expect(judgeGate(around(half + 0.51, 1), half, rules)).toMatchObject({
      verdict: "UNDECIDED",
      looks: [{ units: 16 }],
    });
    expect(judgeGate(around(half + 0.52, 1), half, rules)).toMatchObject({ verdict: "FAIL", looks: [{ units: 16 }] });
  });

  test("looks as far as there are units, and stops at the first verdict", () => {
    const wide = around(half, 1, 128);
    expect(judgeGate(flat(0, 15), half, rules)).toEqual({ verdict: "UNDECIDED", looks: [] });
    expect(judgeGate(wide.slice(0, 63), half, rules).looks.map((look) => look.units)).toEqual([16, 32]);
    expect(judgeGate(wide, half, rules).looks.map((look) => look.units)).toEqual([16, 32, 64, 128]);
    expect(judgeGate([...wide.slice(0, 16), ...flat(-9, 112)], half, rules)).toMatchObject({
      verdict: "PASS",
      looks: [{ outcome: "UNDECIDED" }, { units: 32, outcome: "PASS" }],
    });
  });

  test("never changes by what comes after the stop, whatever that is", () => {
    const decided = units.filter((values) => judgeGate(values, half, rules).verdict !== "UNDECIDED");
    fc.assert(
      fc.property(decided, fc.array(anything, { maxLength: 128 }), (values, later) => {
        const judged = judgeGate(values, half, rules);
        const stop = judged.looks.at(-1)!.units;
        expect(judgeGate([...values.slice(0, stop), ...later], half, rules)).toEqual(judged);
      }),
    );
  });

  test("never changes a look by what comes after it", () => {
    fc.assert(
      fc.property(units, fc.array(anything, { maxLength: 112 }), (values, later) => {
        const [first] = judgeGate(values, half, rules).looks;
        expect(judgeGate([...values.slice(0, 16), ...later], half, rules).looks[0]).toEqual(first);
      }),
    );
  });

  test("never decides on a number that is none, at that look or any later one", () => {
    const bad = fc.constantFrom(Number.NaN, Infinity, -Infinity);
    fc.assert(
      fc.property(bad, fc.nat(15), fc.double({ min: -9, max: 9, noNaN: true }), (value, at, mean) => {
        expect(judgeGate(flat(mean, 128).with(at, value), half, rules).verdict).toBe("UNDECIDED");
      }),
    );
    expect(judgeGate(flat(0, 128), Number.NaN, rules).verdict).not.toBe("PASS");
  });

  test("a number that is none after the verdict is not seen", () => {
    expect(judgeGate(flat(0, 128).with(16, Number.NaN), half, rules)).toMatchObject({
      verdict: "PASS",
      looks: [{ units: 16 }],
    });
  });
});
