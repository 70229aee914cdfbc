import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const file = fileURLToPath(new URL("../../src/run/steps/lean-heap.ts", import.meta.url));

/** Leaves a heap of nearly empty pages behind, makes much that lives shortly, and prints the heap's size then, in MiB. */
const script = (lean: boolean): string => `
  import { getHeapStatistics } from "node:v8";
  import { LeanHeap } from ${JSON.stringify(file)};
  let old = Array.from({ length: 6e5 }, (_, index) => ({ index, text: "old" + index }));
  old = old.filter(({ index }) => index % 200 === 0);
  const heap = ${lean ? "new LeanHeap(2 ** 30)" : "undefined"};
  const kept = [];
  for (let index = 0; index < 3e6; index += 1) kept[index % 3e4] = { index, list: [index], text: "x" + index };
  heap?.[Symbol.dispose]();
  console.log(old.length === 3000 ? getHeapStatistics().total_heap_size / 2 ** 20 : Infinity);
`;

const measure = (lean: boolean): number =>
  Number(execFileSync(process.execPath, ["--input-type=module", "--eval", script(lean)], { encoding: "utf8" }));

test("a heap gives back what was left behind", () => {
  expect(measure(true)).toBeLessThan(measure(false) / 2);
});
