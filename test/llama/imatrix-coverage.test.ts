import { expect, test } from "vitest";
import { addCounts, findThin, findUncovered } from "../../src/llama/imatrix-coverage.ts";

const counts = new Map([
  ["dense", [512]],
  ["poor", [100]],
  ["experts", [512, 0, 300, 12]],
]);

test("what too few tokens reached is named, with its experts", () => {
  expect(findThin(counts, 256)).toEqual([
    { weight: "poor", experts: null, of: 1, tokens: 100 },
    { weight: "experts", experts: [1, 3], of: 4, tokens: 0 },
  ]);
  expect(findThin(counts, 0)).toEqual([]);
});

test("the part of the experts that may lack text is counted in each weight", () => {
  const weights = (experts: number): string[] =>
    findUncovered(counts, { minTokens: 256, experts }).map(({ weight }) => weight);
  expect(weights(0.25)).toEqual(["poor", "experts"]);
  // A weight without experts may not lack it.
  expect(weights(0.5)).toEqual(["poor"]);
  expect(weights(1)).toEqual(["poor"]);
});

test("tokens of several matrices are added, whichever weights they have", () => {
  const all = addCounts([
    new Map([["a", [1, 2]]]),
    new Map([
      ["a", [10, 20]],
      ["b", [5]],
    ]),
  ]);
  expect([...all].map(([name, tokens]) => [name, ...tokens])).toEqual([
    ["a", 11, 22],
    ["b", 5],
  ]);
});
