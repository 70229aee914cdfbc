import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { withImatrix } from "../../src/llama/imatrix-reader.ts";
import { writeImatrix } from "../../src/llama/imatrix-writer.ts";
import { fixture } from "./fixture.ts";
import { entry, Matrices } from "./matrices.ts";

const copy = (from: string, to: string) =>
  withImatrix(from, ({ shapes, entry: entryOf, ...metadata }) => writeImatrix(to, metadata, shapes, entryOf));

test("what the tool wrote is written again byte for byte", () => {
  using folder = new Matrices();
  const real = gunzipSync(fixture("imatrix.gguf.gz"));
  writeFileSync(folder.path("a"), real);
  expect(copy(folder.path("a"), folder.path("b"))).toEqual({ ok: true, value: null });
  expect(readFileSync(folder.path("b")).equals(real)).toBe(true);
});

test("what is written is read again, to the last bit, whatever the names and the order", () => {
  const numbers = fc.float({ min: 0, noNaN: true, noDefaultInfinity: true });
  const matrices = fc.record({
    name: fc.stringMatching(/^[a-z0-9_.]{1,40}$/),
    sums: fc
      .integer({ min: 1, max: 4 })
      .chain((rows) =>
        fc
          .integer({ min: 1, max: 9 })
          .chain((width) =>
            fc.array(fc.array(numbers, { minLength: width, maxLength: width }), { minLength: rows, maxLength: rows }),
          ),
      ),
  });
  fc.assert(
    fc.property(fc.uniqueArray(matrices, { minLength: 1, maxLength: 6, selector: ({ name }) => name }), (all) => {
      using folder = new Matrices();
      const entries = Object.fromEntries(
        all.map(({ name, sums }) => [
          name,
          entry(
            sums,
            sums.map(() => 512),
          ),
        ]),
      );
      const read = folder.read(folder.write("a", entries));
      expect(new Map(Object.entries(entries))).toEqual(new Map(read.entries));
      const turned = Object.fromEntries(Object.entries(entries).toReversed());
      expect(readFileSync(folder.write("a", turned))).toEqual(readFileSync(folder.path("a")));
    }),
    { numRuns: 40 },
  );
});

test("a matrix cut anywhere is refused, and no reader reads past its end", () => {
  using folder = new Matrices();
  const whole = readFileSync(folder.write("a", { "blk.0.w.weight": entry([[1, 2, 3]], [4]) }));
  // The padding at the end is nothing that could be missed.
  for (let length = 0; length < whole.length - 28; length += 1) {
    writeFileSync(folder.path("b"), whole.subarray(0, length));
    expect(copy(folder.path("b"), folder.path("c")), `${length} bytes`).toMatchObject({ ok: false });
  }
});
