import { describe, expect, test } from "vitest";
import type { MeasuredDocument } from "../../src/corpus/measured.ts";
import { groupStream, listStream, Sides, type GroupStreamOptions } from "../../src/corpus/streams.ts";
import { groupLimits } from "../../src/corpus/validation.ts";

const measured = (document: number, tokens = 10): MeasuredDocument => ({
  document,
  source: "notes",
  group: `g${document}`,
  name: `d${document}`,
  bytes: Buffer.from("x"),
  ends: new Uint32Array(tokens),
  tokens,
});
const options = (change: Partial<GroupStreamOptions> = {}): GroupStreamOptions => ({
  source: "notes",
  groups: [
    { cluster: 0, documents: [0, 1, 2] },
    { cluster: 1, documents: [3] },
    { cluster: 2, documents: [4, 5] },
  ],
  split: "holdout",
  sides: new Sides(),
  measured: (document) => measured(document),
  isDropped: () => false,
  cap: 2,
  portion: 1000,
  ...change,
});
const taken = (stream: ReturnType<typeof groupStream>, units: readonly number[]): (number | undefined)[] =>
  units.map((unit) => stream.take(unit)?.document);

describe("a stream of groups", () => {
  test("gives a group to two units at most, and then the next one", () => {
    expect(taken(groupStream(options()), [0, 1, 2, 2, 3, 4])).toEqual([0, 1, 3, 4, 5, undefined]);
  });

  test("gives a group to one unit only where the cap is one", () => {
    expect(taken(groupStream(options({ cap: 1 })), [0, 0, 1, 2])).toEqual([0, 1, 3, 4]);
  });

  test("goes to the next group when a unit has its portion of one", () => {
    expect(taken(groupStream(options({ cap: 1, portion: 15 })), [0, 0, 0, 0])).toEqual([0, 1, 3, 4]);
  });

  test("passes over what was dropped, and over clusters that another split has", () => {
    const sides = new Sides();
    sides.claim(1, "search");
    const stream = groupStream(options({ sides, isDropped: (document) => document === 0 }));
    expect(taken(stream, [0, 0, 0, 0, 0])).toEqual([1, 2, 4, 5, undefined]);
    expect([0, 1, 2].map((cluster) => sides.of(cluster))).toEqual(["holdout", "search", "holdout"]);
    expect(sides.claim(0, "calibration")).toBe(false);
  });

  test("says which document it waits for, and takes no cluster that it did not reach", () => {
    const sides = new Sides();
    const known = (document: number): MeasuredDocument | undefined => (document < 2 ? measured(document) : undefined);
    const stream = groupStream(options({ sides, measured: known }));
    expect(taken(stream, [0, 0, 0])).toEqual([0, 1, undefined]);
    expect(stream.starved()).toBe(2);
    expect(sides.of(1)).toBeUndefined();
  });
});

test("a list gives every document once, without the clusters of other splits", () => {
  const sides = new Sides();
  sides.claim(1, "holdout");
  const stream = listStream({
    source: "notes",
    documents: [0, 1, 2, 3],
    clusterOf: (document) => document % 2,
    sides,
    measured: (document) => measured(document),
  });
  expect([0, 0, 0].map((unit) => stream.take(unit)?.document)).toEqual([0, 2, undefined]);
  expect(stream.starved()).toBeUndefined();
});

test("groups give to one unit where they are plenty, and share units where there are more still", () => {
  expect(groupLimits(10, 8, 512)).toEqual({ cap: 2, portion: 512 });
  expect(groupLimits(16, 8, 512)).toEqual({ cap: 1, portion: 512 });
  expect(groupLimits(48, 8, 512)).toEqual({ cap: 1, portion: 171 });
  expect(groupLimits(10_000, 8, 512)).toEqual({ cap: 1, portion: 128 });
  expect(groupLimits(5, 0, 512)).toEqual({ cap: 1, portion: 256 });
});
