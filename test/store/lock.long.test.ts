import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { sweepLocks } from "../../src/store/lock-sweep.ts";
import { takeTurns } from "./turns.ts";

test("of eight processes one at a time is inside, over thousands of turns of which most begin with a dead holder", async () => {
  const { met, locks, codes } = await takeTurns(8, 500);
  expect(codes.filter((code) => code !== 0)).toEqual([]);
  expect(met.filter((how) => how !== "alone")).toEqual([]);
  expect(met).toHaveLength(4000);
  sweepLocks(locks);
  expect(readdirSync(locks)).toEqual([]);
});
