import { createHash, randomBytes } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Pipeline, Source, StdinSource } from "../pipeline/pipeline.ts";
import { openLayout } from "../store/layout.ts";

export const readsStdin = ({ corpus }: Pipeline): boolean => corpus.sources.some(isOpen);

const isOpen = (source: Source): source is StdinSource => source.kind === "stdin" && source.file === null;

/**
 * Keeps what is piped in as a file of the store, named by its digest, and gives the pipeline with that file in it. The
 * same bytes are the same file, so that piping them in again finds everything done.
 */
export const takePiped = async (
  pipeline: Pipeline,
  stream: Readable,
  storeDirectory: string,
  storeReadOnly = false,
): Promise<Result<Pipeline>> => {
  const layout = openLayout(storeDirectory, storeReadOnly);
  if (!layout.ok) return layout;
  const { readOnly, piped } = layout.value;
  const kept = await (readOnly ? findKept(stream, piped, storeDirectory) : keep(stream, piped));
  if (!kept.ok) return kept;
  const fill = (source: Source): Source =>
    isOpen(source) ? { ...source, file: { path: kept.value, name: "stdin" } } : source;
  return ok({ ...pipeline, corpus: { ...pipeline.corpus, sources: pipeline.corpus.sources.map(fill) } });
};

/** In a store that may only be read the same bytes are there from an earlier run, or they cannot be had a second time. */
const findKept = async (stream: Readable, folder: string, store: string): Promise<Result<string>> => {
  const hash = createHash("sha256");
  for await (const piece of stream) hash.update(piece as Uint8Array);
  const path = join(folder, hash.digest("hex"));
  return existsSync(path) ? ok(path) : err({ reason: "store-read-only", store });
};

const keep = async (stream: Readable, folder: string): Promise<Result<string>> => {
  const temp = join(folder, `${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
  try {
    const hash = createHash("sha256");
    {
      await using file = await open(temp, "wx");
      for await (const piece of stream) {
        const bytes = Buffer.from(piece as Uint8Array);
        hash.update(bytes);
        await file.writeFile(bytes);
      }
      await file.sync();
    }
    const path = join(folder, hash.digest("hex"));
    // Also over the same bytes of an earlier run: what lies there for long may be collected before this run begins.
    renameSync(temp, path);
    return ok(path);
  } catch (error) {
    rmSync(temp, { force: true });
    return err(fileFailure(error, temp, "write"));
  }
};
