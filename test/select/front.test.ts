import * as fc from "fast-check";
import { expect, test } from "vitest";
import { kneeOf, paretoFront, type SizedLoss } from "../../src/select/front.ts";

const points = (...pairs: readonly (readonly [number, number])[]): SizedLoss[] =>
  pairs.map(([bytes, loss], index) => ({ type: `T${index}`, bytes, loss }));
const typesOf = (front: readonly SizedLoss[]): string[] => front.map(({ type }) => type);

test("the front holds what no other beats, from the smallest", () => {
  expect(typesOf(paretoFront(points([10, 1], [8, 2], [9, 3], [4, 9], [8, 2])))).toEqual(["T3", "T1", "T0"]);
  expect(paretoFront([])).toEqual([]);
});

test("no point of the front is beaten, and every other one is beaten or equal", () => {
  const pair = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: -5, max: 20 }));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 30 }), (pairs) => {
      const all = points(...pairs);
      const front = paretoFront(all);
      const beaten = (a: SizedLoss): boolean =>
        all.some((b) => b.bytes <= a.bytes && b.loss <= a.loss && (b.bytes < a.bytes || b.loss < a.loss));
      expect(front.some(beaten)).toBe(false);
      for (const each of all)
        expect(beaten(each) || front.some(({ bytes, loss }) => bytes === each.bytes && loss === each.loss)).toBe(true);
    }),
  );
});

test("the knee lies furthest below the line between the ends", () => {
  expect(kneeOf(points([1, 10], [2, 2], [9, 1]))?.type).toBe("T1");
  expect(kneeOf(points([1, 10], [2, 4], [3, 1.5], [9, 1]))?.type).toBe("T2");
  // A straight line and a bulge have none.
  expect(kneeOf(points([1, 3], [2, 2], [3, 1]))).toBeUndefined();
  expect(kneeOf(points([1, 3], [2, 2.9], [3, 1]))).toBeUndefined();
  expect(kneeOf(points([1, 3], [3, 1]))).toBeUndefined();
});
