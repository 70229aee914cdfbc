import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const file = fileURLToPath(new URL("../../src/run/steps/young-generation.ts", import.meta.url));

/** Makes objects of which many survive, and prints the most that the young generation had, in MiB, before and after. */
const script = (watched: boolean): string => `
  import { getHeapSpaceStatistics } from "node:v8";
  import { YoungGeneration } from ${JSON.stringify(file)};
  const size = () => getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size / 2 ** 20;
  const kept = [];
  const fill = (look) => {
    let largest = 0;
    for (let index = 0; index < 4e6; index += 1) {
      kept[index % 3e5] = { index, list: [index], text: "x" + index };
      if (index % 1e4 !== 0) continue;
      look();
      largest = Math.max(largest, size());
    }
    return largest;
  };
  const young = new YoungGeneration();
  const during = fill(() => ${watched ? "young.watch()" : "undefined"});
  young[Symbol.dispose]();
  console.log(JSON.stringify({ during, after: fill(() => undefined) }));
`;

const measure = (watched: boolean): { readonly during: number; readonly after: number } =>
  JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "--eval", script(watched)], { encoding: "utf8" }),
  ) as { during: number; after: number };

test("the young generation is kept where V8 would make it larger, and may grow again afterwards", () => {
  expect(measure(false).during).toBeGreaterThan(60);
  const { during, after } = measure(true);
  expect(during).toBeLessThan(40);
  expect(after).toBeGreaterThan(60);
});
