import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../src/select/answer.ts";
import { entry, Matrices } from "../llama/matrices.ts";
import { Rig, type Ended } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";

const rig = new Rig();
const matrices = new Matrices();

const run = (file: string, ...more: string[]): Promise<Ended> => {
  const imatrix = `imatrix: { context: 128, import: ${file} }`;
  rig.write("importing.yaml", smallPipeline.replace("imatrix: { chunks: 4, context: 128 }", imatrix));
  return rig.run("importing.yaml", ...more);
};

const why = ({ result }: Ended): string => {
  const [failure] = result?.failures ?? [];
  return failure?.reason === "imatrix-unusable" ? failure.why : JSON.stringify(result);
};

/** The older form of a matrix, as the tool would write it. */
const legacy = (from: string, to: string): void => {
  const { entries } = matrices.read(from);
  const i32 = (value: number): Buffer => Buffer.from(Int32Array.of(value).buffer);
  const text = (value: string): Buffer => Buffer.concat([i32(Buffer.byteLength(value)), Buffer.from(value)]);
  const windows = 4;
  const all = [...entries].map(([name, { sums, counts }]) => {
    const means = Float32Array.from(sums, (sum) => (sum / counts[0]!) * windows);
    return Buffer.concat([text(name), i32(windows), i32(means.length), Buffer.from(means.buffer)]);
  });
  writeFileSync(to, Buffer.concat([i32(entries.size), ...all, i32(windows), text("old.txt")]));
};

beforeAll(async () => {
  rig.write("small.yaml", smallPipeline);
  const ended = await rig.run("small.yaml");
  expect(ended.code, ended.stdout.slice(-2000)).toBe(0);
  copyFileSync(rig.path("out/small/imatrix.gguf"), rig.path("good.gguf"));
});
afterAll(() => {
  rig[Symbol.dispose]();
  matrices[Symbol.dispose]();
});

describe("a matrix from elsewhere", () => {
  test("of this model is used as it is, and the report says what it is", async () => {
    const ended = await run("good.gguf");
    expect(ended.code, ended.stdout.slice(-3000)).toBe(0);
    expect(readFileSync(rig.path("out/small/imatrix.gguf"))).toEqual(readFileSync(rig.path("good.gguf")));
    const answer = JSON.parse(rig.read("out/small/report.json")) as Answer;
    expect(answer.imatrix.sources).toEqual([]);
    expect(answer.imatrix.imported).toMatchObject({
      file: "good.gguf",
      format: "gguf",
      datasets: ["notes.txt", "general.txt"],
      chunkCount: 4,
      chunkSize: 128,
      suspect: false,
    });
    expect(rig.read("out/small/report.md")).toContain("Imported from good.gguf (gguf), collected from notes.txt");
  });

  test("in the older form is read, with the same means", async () => {
    legacy(rig.path("good.gguf"), rig.path("old.dat"));
    const ended = await run("old.dat");
    expect(ended.code, ended.stdout.slice(-3000)).toBe(0);
    const answer = JSON.parse(rig.read("out/small/report.json")) as Answer;
    expect(answer.imatrix.imported).toMatchObject({
      format: "dat",
      datasets: ["old.txt"],
      chunkCount: 4,
      suspect: false,
    });
    const [good, old] = ["good.gguf", "out/small/imatrix.gguf"].map((file) => matrices.read(rig.path(file)));
    for (const [name, { sums, counts }] of good!.entries) {
      const other = old!.entries.get(name)!;
      expect(other.sums[0]! / other.counts[0]!).toBeCloseTo(sums[0]! / counts[0]!, 4);
    }
  });

  test("of another model of the same shape is warned of, for no shape tells", async () => {
    const { entries } = matrices.read(rig.path("good.gguf"));
    const turned = Object.fromEntries(
      [...entries].map(([name, { sums, counts }]) => [name, entry([Array.from(sums).toReversed()], [...counts])]),
    );
    copyFileSync(matrices.write("turned.gguf", turned), rig.path("turned.gguf"));
    const ended = await run("turned.gguf");
    expect([0, 3]).toContain(ended.code);
    const answer = JSON.parse(rig.read("out/small/report.json")) as Answer;
    expect(answer.imatrix.imported).toMatchObject({ suspect: true });
    expect(rig.read("out/small/report.md")).toContain("it may be the matrix of another model of the same shape");
  });

  test.for([
    ["cut short", (bytes: Buffer) => bytes.subarray(0, -5000), /bytes long, but its tensors need/],
    ["with a number that is none", (bytes: Buffer) => withNan(bytes), /has a sum that is no number for blk\.\d/],
    ["that is a text", () => Buffer.from("weights of my model\n"), /is no (whole )?importance matrix/],
    ["that is empty", () => Buffer.alloc(0), /importance matrix/],
  ] as const)("%s is refused by name", async ([, spoil, reason]) => {
    writeFileSync(rig.path("bad.gguf"), spoil(readFileSync(rig.path("good.gguf"))));
    expect(why(await run("bad.gguf"))).toMatch(reason);
  });

  test.for([
    [
      "for a weight that the model lacks",
      { "blk.9.attn_q.weight": entry([[1]], [4]) },
      "which the model does not have",
    ],
    ["of another width", { "blk.0.attn_q.weight": entry([[1]], [4]) }, "has 1 inputs for blk.0.attn_q.weight"],
    [
      "without tokens",
      { "blk.0.attn_q.weight": entry([Array.from({ length: 256 }, () => 1)], [0]) },
      "has sums of no tokens for blk.0.attn_q.weight",
    ],
  ] as const)("with data %s is refused by name", async ([, entries, reason]) => {
    copyFileSync(matrices.write("bad.gguf", entries), rig.path("bad.gguf"));
    expect(why(await run("bad.gguf"))).toContain(reason);
  });

  test("that is a model is refused by name", async () => {
    expect(why(await run("models/pocket-f16.gguf"))).toBe("is no importance matrix");
  });
});

const withNan = (bytes: Buffer): Buffer => {
  const spoilt = Buffer.from(bytes);
  spoilt.writeFloatLE(Number.NaN, bytes.length - 4096);
  return spoilt;
};
