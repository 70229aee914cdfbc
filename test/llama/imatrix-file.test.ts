import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkGguf, type Gguf } from "../../src/llama/gguf.ts";
import { checkImatrix as check, readImatrix } from "../../src/llama/imatrix-file.ts";
import { withImatrix } from "../../src/llama/imatrix-reader.ts";
import { fixture } from "./fixture.ts";
import { type Entry, floats, ggufBytes, type Tensor } from "./gguf-writer.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "imatrix-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = (bytes: Uint8Array): string => {
  const path = join(directory, "imatrix.gguf");
  writeFileSync(path, bytes);
  return path;
};
const read = (bytes: Uint8Array) => {
  const result = readImatrix(file(bytes));
  if (!result.ok) throw new Error(result.error.why);
  return result.value;
};

const checkImatrix = (bytes: Uint8Array, tokens: number, of: Gguf) => {
  const path = join(directory, "checked.gguf");
  writeFileSync(path, bytes);
  return withImatrix(path, (imatrix) => check(imatrix, tokens, of));
};

const model = (): Gguf => {
  const result = checkGguf(new URL("../../models/pocket-f16.gguf", import.meta.url).pathname);
  if (!result.ok) throw new Error(result.error.why);
  return result.value;
};

/** Of six windows of the demo model. */
const real = gunzipSync(fixture("imatrix.gguf.gz"));

describe("a real importance matrix", () => {
  it("is read with its counts", () => {
    const imatrix = read(real);
    expect(imatrix).toMatchObject({ datasets: ["text.txt"], chunkCount: 6, chunkSize: 512 });
    expect(imatrix.entries.size).toBe(42);
    const entry = imatrix.entries.get("blk.5.ffn_down.weight");
    expect([entry?.width, entry?.sums.length, entry?.counts[0]]).toEqual([768, 768, 3072]);
  });

  it("covers every weight of the model it was made with", () => {
    const checked = checkImatrix(real, 6 * 512, model());
    expect(checked).toMatchObject({ ok: true, value: { missing: [] } });
    expect(checked.ok && [...checked.value.counts].every(([, tokens]) => tokens[0] === 3072)).toBe(true);
  });

  it("does not pass for another number of windows", () => {
    expect(checkImatrix(real, 7 * 512, model())).toEqual({
      ok: false,
      error: { why: "saw 3072 tokens at blk.0.attn_k.weight, not 3584" },
    });
  });

  it("does not pass when it is cut short", () => {
    expect(readImatrix(file(real.subarray(0, -1000)))).toMatchObject({ ok: false });
  });
});

const head: readonly Entry[] = [
  { key: "general.type", text: "imatrix" },
  { key: "imatrix.datasets", texts: ["t"] },
  { key: "imatrix.chunk_count", u32: 1 },
  { key: "imatrix.chunk_size", u32: 4 },
];
const sums = (values: readonly number[], ...dims: number[]): Tensor => ({
  name: "blk.0.w.weight.in_sum2",
  dims: dims.length === 0 ? [values.length] : dims,
  type: 0,
  data: floats(values),
});
const counts = (values: readonly number[]): Tensor => ({
  name: "blk.0.w.weight.counts",
  dims: [1, values.length],
  type: 0,
  data: floats(values),
});
const why = (entries: readonly Entry[], tensors: readonly Tensor[]): string => {
  const result = readImatrix(file(ggufBytes(entries, tensors)));
  return result.ok ? "ok" : result.error.why;
};

describe("readImatrix", () => {
  it.each([
    ["a model", [{ key: "general.type", text: "model" }] as const, [sums([1])], "is no importance matrix"],
    ["nothing", head, [], "holds no data"],
    ["no counts", head, [sums([1, 2])], "has sums but no counts for blk.0.w.weight"],
    ["no sums", head, [sums([1]), counts([1]), { ...counts([1]), name: "x.counts" }], "has counts but no sums for x"],
    ["nan", head, [sums([1, Number.NaN]), counts([4])], "has a sum that is no number for blk.0.w.weight"],
    ["infinity", head, [sums([Infinity]), counts([4])], "has a sum that is no number for blk.0.w.weight"],
    ["half a token", head, [sums([1]), counts([0.5])], "has a count that is no number of tokens for blk.0.w.weight"],
    [
      "too few counts",
      head,
      [sums([1, 2, 3, 4], 2, 2), counts([4])],
      "has 1 counts for the 2 matrices of blk.0.w.weight",
    ],
    ["sums of nothing", head, [sums([1]), counts([0])], "has sums of no tokens for blk.0.w.weight"],
    ["no windows", head.slice(0, 2), [sums([1]), counts([4])], "does not say how many windows went into it"],
  ])("refuses %s", (_, entries, tensors, reason) => {
    expect(why(entries, tensors)).toBe(reason);
  });

  it("reads experts, and passes over tensors it does not know", () => {
    const other: Tensor = { ...sums([1]), name: "blk.0.w.weight.in_sum" };
    const imatrix = read(ggufBytes(head, [sums([1, 2, 3, 4, 0, 0], 2, 3), counts([4, 4, 0]), other]));
    expect([...imatrix.entries.keys()]).toEqual(["blk.0.w.weight"]);
  });
});

const weight = (name: string, ...dims: number[]): Tensor => {
  const size = dims.reduce((a, b) => a * b, 1);
  return { name, dims, type: 0, data: floats(Array.from({ length: size }, () => 0)) };
};
const small = (...tensors: Tensor[]): Gguf => {
  const result = checkGguf(file(ggufBytes([], tensors)));
  if (!result.ok) throw new Error(result.error.why);
  return result.value;
};
const experts = () => ggufBytes(head, [sums([1, 2, 3, 4, 0, 0], 2, 3), counts([4, 4, 0])]);

describe("checkImatrix", () => {
  it("tells experts that no token reached, and weights without data", () => {
    const result = checkImatrix(
      experts(),
      4,
      small(weight("blk.0.w.weight", 2, 2, 3), weight("blk.1.w.weight", 2, 2), weight("blk.1.norm.weight", 2)),
    );
    expect(result).toEqual({
      ok: true,
      value: { missing: ["blk.1.w.weight"], counts: new Map([["blk.0.w.weight", Float32Array.of(4, 4, 0)]]) },
    });
  });

  it("refuses the matrix of another model", () => {
    expect(checkImatrix(experts(), 4, small(weight("blk.0.other.weight", 2, 2)))).toEqual({
      ok: false,
      error: { why: "has data for blk.0.w.weight, which the model does not have" },
    });
    expect(checkImatrix(experts(), 4, small(weight("blk.0.w.weight", 4, 2)))).toEqual({
      ok: false,
      error: { why: "has 2 inputs for blk.0.w.weight, where the model has 4" },
    });
    expect(checkImatrix(experts(), 4, small(weight("blk.0.w.weight", 2, 2, 4)))).toEqual({
      ok: false,
      error: { why: "has 3 matrices for blk.0.w.weight, where the model has 4" },
    });
  });
});
