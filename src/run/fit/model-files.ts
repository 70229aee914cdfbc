import type { Failure, ModelUnusable } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { shardName, shardNames } from "../../base/shard-names.ts";
import { readGgufFrom } from "../../llama/byte-source.ts";
import { modelShape } from "../../llama/model-shape.ts";
import { joinShards, type NamedHeader } from "../../llama/shards.ts";
import type { FitFile } from "../../select/fit/file-fit.ts";
import type { Environment, FilePlace, Trouble } from "../hub/file-place.ts";
import { type ModelPlace, placeOf } from "./model-place.ts";

/** A model whose header was read. */
export interface FitModel extends FitFile {
  readonly files: readonly FilePlace[];
  /** Where llama-server would read it. */
  readonly path: string;
}

/** Name for one of a model's files in a folder of ours: those of the user's files may be anything. */
export const copyName = (index: number, count: number): string =>
  count === 1 ? "model.gguf" : shardName("model", index + 1, count);

/**
 * Reads the headers of models by their names, each model once: of one that is split any part names all of it. The header is
 * enough, so a file that is shorter than its tensors need is read all the same, and of one that lies elsewhere some megabytes.
 */
export const readModels = async (names: readonly string[], environment: Environment): Promise<Result<FitModel[]>> => {
  const models: FitModel[] = [];
  for (const name of new Set(names.map((each) => shardNames(each)[0] ?? each))) {
    const place = await placeOf(name, environment);
    const model = place.ok ? await readModel(name, place.value) : place;
    if (!model.ok) return model;
    models.push(model.value);
  }
  return ok(models);
};

const readModel = async (named: string, { name, files, path }: ModelPlace): Promise<Result<FitModel>> => {
  const headers: NamedHeader[] = [];
  for (const file of files) {
    const gguf = await file.read(readGgufFrom);
    if (!gguf.ok) return err(unreadable(named, file, gguf.error));
    headers.push({ name: file.name, gguf: gguf.value });
  }
  const header = joinShards(headers);
  if (!header.ok) return err(unusable(named, header.error.why));
  const shape = modelShape(header.value);
  if (!shape.ok) return err(unusable(named, shape.error.why));
  return ok({ name, bytes: header.value.bytes, shape: shape.value, files, path });
};

/** Says which of a model's files it is where that is not the one that was named. */
export const unreadable = (named: string, { name }: FilePlace, trouble: Trouble): Failure => {
  if ("reason" in trouble) return trouble;
  return unusable(named, name === named ? trouble.why : `has a part ${name} that ${trouble.why}`);
};

const unusable = (file: string, why: string): ModelUnusable => ({
  reason: "model-unusable",
  file,
  why,
  remedy: "Give a GGUF file; of a model in several files any of them, with the others beside it.",
});
