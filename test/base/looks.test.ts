import { expect, test } from "vitest";
import { looksOf } from "../../src/base/looks.ts";

test.each([
  [1, [1]],
  [15, [15]],
  [16, [16]],
  [17, [16, 17]],
  [32, [16, 32]],
  [128, [16, 32, 64, 128]],
  [129, [16, 32, 64, 128, 129]],
  [100_000, [16, 32, 64, 128, 100_000]],
])("a decision over %d units may be taken after %j", (units, expected) => {
  expect(looksOf(units)).toEqual(expected);
});
