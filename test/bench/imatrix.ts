/**
 * Speed and memory of reading an importance matrix: against reading the bytes of the same file. The figure to quote is
 * the ratio inside one run. Usage: node test/bench/imatrix.ts [megabytes]
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ok } from "../../src/base/result.ts";
import { readCounts } from "../../src/llama/imatrix-file.ts";
import { mergeImatrices } from "../../src/llama/imatrix-merge.ts";
import { withImatrix } from "../../src/llama/imatrix-reader.ts";
import { describeImatrix } from "../../src/llama/imatrix-statistics.ts";
import { writeImatrix } from "../../src/llama/imatrix-writer.ts";

const megabytes = Number(process.argv[2] ?? 200);
const rounds = 7;
const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** 128 experts of 2,048 inputs, 1 MB a weight, as a model of thirty thousand million weights has them. */
const shape = { width: 2048, matrices: 128 };

const write = (path: string): void => {
  const shapes = new Map(
    Array.from({ length: megabytes }, (_, at) => [`blk.${at}.ffn_up_exps.weight`, shape] as const),
  );
  const sums = Float32Array.from({ length: shape.width * shape.matrices }, (_, at) => (at % 977) + 0.5);
  const counts = new Float32Array(shape.matrices).fill(512);
  const written = writeImatrix(path, { datasets: ["t"], chunkCount: 1, chunkSize: 512 }, shapes, () =>
    ok({ width: shape.width, sums, counts }),
  );
  if (!written.ok) throw new Error(written.error.why);
};

/** In pieces of a megabyte, as a matrix is read. */
const readBytes = (path: string): void => {
  const file = openSync(path, "r");
  const piece = new Uint8Array(2 ** 20);
  while (readSync(file, piece) > 0);
  closeSync(file);
};

const time = (work: () => void): number => {
  const began = performance.now();
  work();
  return performance.now() - began;
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const folder = mkdtempSync(join(tmpdir(), "pipeline-imatrix-"));
try {
  const path = join(folder, "imatrix.gguf");
  write(path);
  const works = {
    "reading its bytes": () => readBytes(path),
    "reading and checking": () => void withImatrix(path, readCounts),
    "reading with statistics": () => void withImatrix(path, describeImatrix),
    "mixing two of them": () =>
      void mergeImatrices(
        [1, 3].map((weight) => ({ path, weight, windows: 4 })),
        join(folder, "mix.gguf"),
      ),
  };
  const times = new Map(Object.keys(works).map((name) => [name, [] as number[]]));
  // In turn, so that a drift of the machine touches all of them alike; the first round fills the disk cache.
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, work] of Object.entries(works)) {
      const took = time(work);
      if (round > 0) times.get(name)?.push(took);
    }
  out(`importance matrix of ${(statSync(path).size / 1e6).toFixed(0)} MB, n = ${rounds}`);
  const base = median(times.get("reading its bytes") ?? []);
  for (const [name, values] of times)
    out(`  ${name.padEnd(24)} ${median(values).toFixed(0).padStart(6)} ms  ${(median(values) / base).toFixed(2)} x`);
  out(`  memory at most           ${(process.resourceUsage().maxRSS / 1024).toFixed(0).padStart(6)} MiB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
