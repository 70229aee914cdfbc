import { describe, expect, test } from "vitest";
import { dominances, makeLadder } from "../../src/select/prune.ts";

const sized = (sizes: Readonly<Record<string, number>>) =>
  Object.entries(sizes).map(([type, bytes]) => ({ type, bytes }));
const names = (list: readonly { type: string }[]): string[] => list.map(({ type }) => type);

describe("makeLadder", () => {
  test("goes from the largest file to the smallest, and by name where sizes are equal, however they are listed", () => {
    const sizes = sized({ Q3_K_M: 40, IQ4_XS: 40, Q8_0: 80, Q6_K: 60 });
    for (const order of [sizes, sizes.toReversed()])
      expect(names(makeLadder(order, "drop").rungs)).toEqual(["Q8_0", "Q6_K", "IQ4_XS", "Q3_K_M"]);
  });

  test("leaves out a type that another one beats, with that one and the source", () => {
    const { rungs, pruned } = makeLadder(sized({ Q8_0: 80, Q4_0: 45, IQ4_XS: 44 }), "drop");
    expect(names(rungs)).toEqual(["Q8_0", "IQ4_XS"]);
    expect(pruned).toMatchObject([{ type: "Q4_0", bytes: 45, by: "IQ4_XS" }]);
    expect(pruned[0]!.source).toMatch(/llama\.cpp/);
  });

  test("leaves out nothing when the better type is larger on this model, is not listed, or all are kept", () => {
    expect(makeLadder(sized({ Q4_0: 44, IQ4_XS: 45 }), "drop").pruned).toEqual([]);
    expect(makeLadder(sized({ Q4_0: 44, Q4_K_S: 46 }), "drop").pruned).toEqual([]);
    const kept = makeLadder(sized({ Q4_0: 45, IQ4_XS: 44 }), "keep");
    expect([names(kept.rungs), kept.pruned]).toEqual([["Q4_0", "IQ4_XS"], []]);
  });

  test("leaves out a type of the same size as the better one", () => {
    expect(names(makeLadder(sized({ Q3_K_S: 30, IQ3_S: 30 }), "drop").rungs)).toEqual(["IQ3_S"]);
  });

  test("takes one candidate, and none", () => {
    expect(makeLadder(sized({ Q4_0: 45 }), "drop")).toEqual({ rungs: sized({ Q4_0: 45 }), pruned: [] });
    expect(makeLadder([], "drop")).toEqual({ rungs: [], pruned: [] });
  });
});

test("what beats a type is never left out itself, so that something is left", () => {
  const beaten = dominances.map(({ type }) => type);
  expect(new Set(beaten).size).toBe(beaten.length);
  expect(dominances.flatMap(({ by }) => by).filter((type) => beaten.includes(type))).toEqual([]);
});
