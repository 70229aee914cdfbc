import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatBytes, parseBytes, parsePercent, parseSeconds, parseTokens } from "../../src/base/units.ts";

describe("parseBytes", () => {
  test.each([
    ["8GiB", 8 * 2 ** 30],
    [" 1.5 kib ", 1536],
    ["500 MB", 5e8],
    ["0 B", 0],
    ["2TB", 2e12],
  ])("reads %j", (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each(["8", "-1GiB", "1e3 B", "GiB", "1.GiB", "1 GiB x", "1 constructor", "1 toString", ""])(
    "does not take %j for a size",
    (text) => {
      expect(parseBytes(text)).toBeUndefined();
    },
  );
});

describe("parseTokens", () => {
  test.each([
    ["100k", 100_000],
    ["1.5M", 1_500_000],
    ["4096", 4096],
    ["1.005k", 1005],
    ["0.000001M", 1],
  ])("reads %j with k = 1,000", (text, tokens) => {
    expect(parseTokens(text)).toBe(tokens);
  });

  test("reads every number of tokens written in thousands or millions", () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (tokens) => {
        const digits = String(tokens).padStart(7, "0");
        expect(parseTokens(`${digits.slice(0, -3)}.${digits.slice(-3)}k`)).toBe(tokens);
        expect(parseTokens(`${digits.slice(0, -6)}.${digits.slice(-6)} M`)).toBe(tokens);
      }),
    );
  });

  test.each(["1.5", "0.0001k", "-1", "1G", "1kk", "9".repeat(400), "1 constructor"])("refuses %j", (text) => {
    expect(parseTokens(text)).toBeUndefined();
  });
});

describe("parsePercent", () => {
  test("gives the double nearest to the decimal number", () => {
    fc.assert(fc.property(fc.nat(10_000), (n) => parsePercent(`${n / 100}%`) === Number(`${n / 100}e-2`)));
    expect(parsePercent("3 %")).toBe(0.03);
    expect(parsePercent("0.5%")).toBe(0.005);
  });

  test.each(["3", "3 percent", "-3%", "%", "3%%"])("refuses %j", (text) => {
    expect(parsePercent(text)).toBeUndefined();
  });
});

test("parseSeconds reads seconds, minutes and hours and nothing else", () => {
  expect(["90s", "10m", "1.5 h", "2min"].map(parseSeconds)).toEqual([90, 600, 5400, 120]);
  expect(["5h30m", "1h 1min 1s", "1h30s", "0.5m 2.5s"].map(parseSeconds)).toEqual([19_800, 3661, 3630, 32.5]);
  const wrong = ["90", "1d", "-1s", "1constructor", "", "5h30", "30m5h", "1m1m", "h", "1h,30m"];
  expect(wrong.map(parseSeconds)).toEqual(wrong.map(() => undefined));
});

describe("formatBytes", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.00 KiB"],
    [1536, "1.50 KiB"],
    [1_023_693, "1000 KiB"],
    [1_048_575, "1.00 MiB"],
    [11_640_992, "11.1 MiB"],
    [2 ** 30 - 1, "1.00 GiB"],
    [3 * 2 ** 50, "3072 TiB"],
  ])("writes %d as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test("never uses an exponent, and parseBytes reads it back within half a unit of the last digit", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 48), (bytes) => {
        const text = formatBytes(bytes);
        expect(text).toMatch(/^\d+(\.\d+)? (B|[KMGT]iB)$/);
        expect(Math.abs((parseBytes(text) ?? 0) - bytes)).toBeLessThanOrEqual(bytes * 0.005 + 0.5);
      }),
    );
  });
});
