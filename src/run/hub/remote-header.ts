import type { Failure } from "../../base/failure.ts";
import { err, type Result } from "../../base/result.ts";
import { readGgufFrom } from "../../llama/byte-source.ts";
import { checkLength, type Gguf } from "../../llama/gguf.ts";
import { joinShards, type NamedHeader } from "../../llama/shards.ts";
import type { ModelFile, ModelSource } from "../../pipeline/pipeline.ts";
import { type Environment, placeOfFile, type Trouble } from "./file-place.ts";

/** The header of a model, of whose files those that are not here are read only as far as their headers go. */
export const readModelHeader = async ({ files }: ModelSource, environment: Environment): Promise<Result<Gguf>> => {
  const headers: NamedHeader[] = [];
  for (const file of files) {
    const place = placeOfFile(file, environment);
    const header = await place.read(async (source) => {
      const read = await readGgufFrom(source);
      return read.ok ? checkLength(read.value, source.size) : read;
    });
    if (!header.ok) return err(failureOf(nameOf(file), header.error));
    headers.push({ name: place.name, gguf: header.value });
  }
  const joined = joinShards(headers);
  return joined.ok ? joined : err(failureOf(nameOf(files[0]), joined.error));
};

const nameOf = (file: ModelFile | undefined): string => file?.fetched?.what ?? file?.path ?? "";

const failureOf = (file: string, trouble: Trouble): Failure =>
  "reason" in trouble ? trouble : { reason: "model-unusable", file, why: `it ${trouble.why}` };
