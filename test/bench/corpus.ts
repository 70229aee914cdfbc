/**
 * Speed and memory of assembling a corpus: a synthetic mix is read, cleaned, compared, split and packed, in a process of
 * its own. Times of llama-tokenize are taken out. Usage: node test/bench/corpus.ts [megabytes …]
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeMix } from "./mix.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const out = (text: string): void => void process.stdout.write(`${text}\n`);

interface Measured {
  readonly seconds: Readonly<Record<string, number>>;
  readonly tokenizing: number;
  /** Seconds on the processor, without tokenizing. */
  readonly busy: number;
  /** bytes */
  readonly memory: number;
  readonly kept: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** Reading and hashing the same bytes: what nothing can be faster than. */
const readAndHash = (folder: string): number => {
  const began = performance.now();
  for (const file of globSync("*/*/*", { cwd: folder }))
    createHash("sha256")
      .update(readFileSync(join(folder, file)))
      .digest();
  return (performance.now() - began) / 1000;
};

const assembleIn = (folder: string): Measured => {
  const script = fileURLToPath(new URL("./assemble-once.ts", import.meta.url));
  const node = [process.execPath, script, folder, root];
  const pinned = spawnSync("taskset", ["--version"]).status === 0 ? ["taskset", "-c", "0", ...node] : node;
  const [file = "", ...argv] = pinned;
  const ended = spawnSync(file, argv, { encoding: "utf8", maxBuffer: 2 ** 26 });
  if (ended.status !== 0) throw new Error(`${ended.stdout}${ended.stderr}`);
  return JSON.parse(ended.stdout) as Measured;
};

const rate = (bytes: number, seconds: number): string => `${(bytes / 1e6 / seconds).toFixed(1).padStart(7)} MB/s`;

const measure = (megabytes: number): void => {
  const folder = mkdtempSync(join(tmpdir(), "pipeline-mix-"));
  try {
    const { bytes, documents, files } = writeMix(root, folder, megabytes, 7);
    readAndHash(folder);
    const hashing = readAndHash(folder);
    const { seconds, tokenizing, busy, memory, kept, dropped } = assembleIn(folder);
    const total = Object.values(seconds).reduce((sum, each) => sum + each, 0) - tokenizing;
    out(`corpus of ${(bytes / 1e6).toFixed(0)} MB, ${documents} documents in ${files} files, on one core, n = 1`);
    for (const [stage, each] of Object.entries(seconds))
      out(`  ${stage.padEnd(24)} ${rate(bytes, stage === "pack" ? Math.max(0.001, each - tokenizing) : each)}`);
    out(`  whole, without tokenizing ${rate(bytes, total)}, ${(total / hashing).toFixed(1)} x reading and SHA-256`);
    out(`  by time on the processor ${rate(bytes, busy)}`);
    const allowed = 300e6 + 1000 * documents;
    out(
      `  memory at most ${(memory / 1e6).toFixed(0)} MB (300 MB and 1 kB a document are ${(allowed / 1e6).toFixed(0)} MB)`,
    );
    out(`  kept ${kept}, dropped ${JSON.stringify(dropped)}; llama-tokenize took ${tokenizing.toFixed(1)} s besides`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

for (const megabytes of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [200]) measure(megabytes);
