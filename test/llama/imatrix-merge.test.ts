import { expect, test } from "vitest";
import { mergeImatrices } from "../../src/llama/imatrix-merge.ts";
import { entry, Matrices } from "./matrices.ts";

const weight = "blk.0.w.weight";
const experts = "blk.0.w_exps.weight";

test("with equal weights sums and counts are added", () => {
  using folder = new Matrices();
  const a = folder.write("a", { [weight]: entry([[1, 2]], [4]) });
  const b = folder.write("b", { [weight]: entry([[10, 20]], [8]) }, { datasets: ["b"], chunkCount: 2, chunkSize: 4 });
  const parts = [
    { path: a, weight: 1, windows: 1 },
    { path: b, weight: 2, windows: 2 },
  ];
  expect(mergeImatrices(parts, folder.path("m"))).toEqual({ ok: true, value: null });
  const merged = folder.read(folder.path("m"));
  expect(merged).toMatchObject({ datasets: ["a", "b"], chunkCount: 3, chunkSize: 4 });
  expect(merged.entries.get(weight)).toEqual(entry([[11, 22]], [12]));
});

test("a share weighs a source, whatever it was collected from, and counts stay whole with their means kept", () => {
  using folder = new Matrices();
  const a = folder.write("a", {
    [weight]: entry([[8, 16]], [16]),
    [experts]: entry(
      [
        [3, 6],
        [0, 0],
      ],
      [3, 0],
    ),
  });
  const b = folder.write("b", {
    [weight]: entry([[4, 4]], [4]),
    [experts]: entry(
      [
        [1, 1],
        [5, 5],
      ],
      [1, 5],
    ),
  });
  const parts = [
    { path: a, weight: 1, windows: 4 },
    { path: b, weight: 1, windows: 1 },
  ];
  mergeImatrices(parts, folder.path("m"));
  const { entries } = folder.read(folder.path("m"));
  expect(entries.get(weight)).toEqual(entry([[6, 8]], [8]));
  const { sums, counts } = entries.get(experts)!;
  // 3/4 + 1 tokens are rounded to 2, and their sums with them.
  expect([...counts]).toEqual([2, 5]);
  expect(sums[0]! / counts[0]!).toBeCloseTo((3 / 4 + 1) / (3 / 4 + 1), 6);
  expect(sums[1]! / counts[0]!).toBeCloseTo((6 / 4 + 1) / (3 / 4 + 1), 6);
});

test("an expert that was reached keeps a count, however little its source weighs", () => {
  using folder = new Matrices();
  const a = folder.write("a", { [experts]: entry([[2], [0]], [1, 0]) });
  mergeImatrices([{ path: a, weight: 1, windows: 100 }], folder.path("m"));
  expect(folder.read(folder.path("m")).entries.get(experts)).toEqual(entry([[2], [0]], [1, 0]));
});

test("more text counts only where too little had reached", () => {
  using folder = new Matrices();
  const a = folder.write("a", { [weight]: entry([[1]], [4]), [experts]: entry([[9], [1]], [9, 1]) });
  const more = folder.write("b", { [weight]: entry([[7]], [4]), [experts]: entry([[5], [6]], [5, 3]) });
  const fill = { paths: [more], below: 4 };
  mergeImatrices([{ path: a, weight: 1, windows: 1 }], folder.path("m"), fill);
  const { entries } = folder.read(folder.path("m"));
  expect(entries.get(weight)).toEqual(entry([[1]], [4]));
  expect(entries.get(experts)).toEqual(entry([[9], [7]], [9, 4]));
});

test("matrices of two models are not mixed", () => {
  using folder = new Matrices();
  const a = folder.write("a", { [weight]: entry([[1, 2]], [4]) });
  const b = folder.write("b", { [weight]: entry([[1, 2, 3]], [4]) });
  const parts = [a, b].map((path) => ({ path, weight: 1, windows: 1 }));
  const merged = mergeImatrices(parts, folder.path("m"));
  expect(merged.ok ? "mixed" : merged.error.why).toContain(weight);
});
