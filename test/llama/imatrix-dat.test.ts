import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromLegacy, readLegacyImatrix } from "../../src/llama/imatrix-dat.ts";
import { Matrices } from "./matrices.ts";

const i32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const name = (text: string): Buffer => Buffer.concat([i32(Buffer.byteLength(text)), Buffer.from(text)]);
const values = (numbers: readonly number[]): Buffer =>
  Buffer.concat([i32(numbers.length), Buffer.from(Float32Array.from(numbers).buffer)]);
const one = Buffer.concat([i32(1), name("blk.0.w.weight"), i32(3), values([3, 6])]);
const whole = Buffer.concat([one, i32(3), name("text.txt")]);

const read = (bytes: Uint8Array) => {
  using folder = new Matrices();
  writeFileSync(folder.path("imatrix.dat"), bytes);
  return readLegacyImatrix(folder.path("imatrix.dat"));
};

test("the older form is read, with the text's name and without", () => {
  const entries = new Map([["blk.0.w.weight", { windows: 3, values: Float32Array.of(3, 6) }]]);
  expect(read(whole)).toEqual({ ok: true, value: { dataset: "text.txt", chunkCount: 3, entries } });
  expect(read(one)).toEqual({ ok: true, value: { dataset: "", chunkCount: 0, entries } });
});

test("its means become sums and counts of tokens", () => {
  expect(fromLegacy({ windows: 3, values: Float32Array.of(3, 6) }, 2, 512)).toEqual({
    width: 1,
    sums: Float32Array.of(1536, 3072),
    counts: Float32Array.of(1536, 1536),
  });
});

test("a file that was cut anywhere else is refused", () => {
  for (let length = 0; length < whole.length; length += 1)
    expect(read(whole.subarray(0, length)).ok, `${length} bytes`).toBe(length === one.length);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["text", Buffer.from("# notes, and some more of them\n")],
  ["zeros", Buffer.alloc(64)],
  ["a number that is none", Buffer.concat([i32(1), name("w"), i32(3), values([Number.NaN])])],
  ["a sum below zero", Buffer.concat([i32(1), name("w"), i32(3), values([-1])])],
  ["a weight twice", Buffer.concat([i32(2), name("w"), i32(3), values([1]), name("w"), i32(3), values([1])])],
  ["a length that cannot be", Buffer.concat([i32(1), name("w"), i32(3), i32(2 ** 31 - 1)])],
  ["a length below zero", Buffer.concat([i32(1), name("w"), i32(3), i32(-4)])],
  ["more behind its end", Buffer.concat([whole, Buffer.from("x")])],
])("%s is refused", (_, bytes) => {
  const result = read(bytes);
  expect(result.ok ? "read" : result.error.why).toContain("importance matrix");
});
