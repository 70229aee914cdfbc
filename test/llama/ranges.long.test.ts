import { execFileSync } from "node:child_process";
import { globSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toolEnvironment } from "../../src/llama/env.ts";
import { imatrixArgv } from "../../src/llama/imatrix.ts";
import { mergeImatrices } from "../../src/llama/imatrix-merge.ts";
import { withImatrix } from "../../src/llama/imatrix-reader.ts";
import { writeImatrix } from "../../src/llama/imatrix-writer.ts";
import { realTools } from "../rig/tools.ts";
import { Matrices } from "./matrices.ts";

/** Windows of 128 tokens of the demo model. */
const windows = 24;
const context = 128;
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = new Matrices();

const tool = (argv: readonly string[]): void => {
  const env = toolEnvironment({ ...process.env, PATH: process.env["PATH"] }, folder.folder);
  execFileSync(join(realTools(), "llama-imatrix"), [...argv], { cwd: folder.folder, env, stdio: "ignore" });
};

const collect = (output: string, from: number, chunks: number, previous?: string): string => {
  const flags = { context, threads: 2, gpuLayers: 0, jsonLog: false, model: "model.gguf", text: "text.txt" };
  tool(imatrixArgv({ ...flags, output, from, chunks, ...(previous === undefined ? {} : { previous }) }));
  return output;
};

beforeAll(() => {
  symlinkSync(join(root, "models/pocket-f16.gguf"), folder.path("model.gguf"));
  const notes = globSync("corpora/medical/notes/*.txt", { cwd: root }).sort().slice(0, 12);
  writeFileSync(folder.path("text.txt"), notes.map((file) => readFileSync(join(root, file), "utf8")).join("\n\n"));
  collect("whole.gguf", 0, windows);
});
afterAll(() => folder[Symbol.dispose]());

describe("a chain of ranges", () => {
  test.for([[[12, 12]], [[1, 1, 22]], [[8, 8, 8]], [[5, 7, 9, 3]], [[2, 3, 4, 5, 6, 4]]] as const)(
    "of %j windows gives what one run gives, to the last bit of the file",
    ([lengths]) => {
      let previous: string | undefined;
      let from = 0;
      for (const chunks of lengths) {
        previous = collect(`range-${from}.gguf`, from, chunks, previous);
        from += chunks;
      }
      expect(from).toBe(windows);
      const tidied = withImatrix(folder.path(previous ?? ""), ({ shapes, entry, ...metadata }) =>
        writeImatrix(folder.path("chain.gguf"), { ...metadata, datasets: ["text.txt"] }, shapes, entry),
      );
      expect(tidied).toEqual({ ok: true, value: null });
      expect(readFileSync(folder.path("chain.gguf")).equals(readFileSync(folder.path("whole.gguf")))).toBe(true);
    },
  );
});

/** The largest difference of two sums of one weight, relative to the larger of them. */
const largestDifference = (a: string, b: string): number => {
  const [one, other] = [folder.read(folder.path(a)), folder.read(folder.path(b))];
  expect([...one.entries.keys()]).toEqual([...other.entries.keys()]);
  return Math.max(
    ...[...one.entries].map(([name, { sums, counts }]) => {
      const entry = other.entries.get(name)!;
      expect(entry.counts).toEqual(counts);
      return Math.max(...sums.map((sum, at) => Math.abs(sum - entry.sums[at]!) / Math.max(sum, 1e-30)));
    }),
  );
};

describe("matrices of ranges that were collected apart", () => {
  beforeAll(() => {
    collect("a.gguf", 0, 8);
    collect("b.gguf", 8, 8);
    collect("c.gguf", 16, 8);
    const parts = ["a", "b", "c"].map((name) => ({ path: folder.path(`${name}.gguf`), weight: 8, windows: 8 }));
    expect(mergeImatrices(parts, folder.path("ours.gguf"))).toEqual({ ok: true, value: null });
  });

  test("are added with equal weights as the tool adds them, but for the last bits", () => {
    const batch = ["-c", String(context), "-b", String(context)];
    tool(["-m", "none", "--in-file", "a.gguf,b.gguf,c.gguf", "-o", "theirs.gguf", "--output-format", "gguf", ...batch]);
    expect(largestDifference("ours.gguf", "theirs.gguf")).toBeLessThanOrEqual(1e-6);
  });

  test("differ from one run over the same windows by the order in which floats are added, and by nothing else", () => {
    expect(largestDifference("ours.gguf", "whole.gguf")).toBeLessThanOrEqual(1e-4);
  });
});
