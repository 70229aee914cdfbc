import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImatrixEntry, ImatrixMetadata } from "../../src/llama/imatrix-reader.ts";
import { writeImatrix } from "../../src/llama/imatrix-writer.ts";
import { readImatrix } from "../../src/llama/imatrix-file.ts";
import { ok } from "../../src/base/result.ts";

/** A folder for the matrices of a test. */
export class Matrices {
  readonly folder = mkdtempSync(join(tmpdir(), "matrices-"));

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a matrix; returns its path. */
  write(
    name: string,
    entries: Readonly<Record<string, ImatrixEntry>>,
    metadata: ImatrixMetadata = { datasets: [name], chunkCount: 1, chunkSize: 4 },
  ): string {
    const shapes = new Map(
      Object.entries(entries).map(([weight, { width, counts }]) => [weight, { width, matrices: counts.length }]),
    );
    const written = writeImatrix(this.path(name), metadata, shapes, (weight) => ok(entries[weight]!));
    if (!written.ok) throw new Error(written.error.why);
    return this.path(name);
  }

  read(path: string): ReturnType<typeof readWhole> {
    return readWhole(path);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const readWhole = (path: string) => {
  const read = readImatrix(path);
  if (!read.ok) throw new Error(read.error.why);
  return read.value;
};

/** @param sums one list for each matrix */
export const entry = (sums: readonly (readonly number[])[], counts: readonly number[]): ImatrixEntry => ({
  width: sums[0]!.length,
  sums: Float32Array.from(sums.flat()),
  counts: Float32Array.from(counts),
});
