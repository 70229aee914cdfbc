import { basename } from "node:path";
import type { ModelUnusable, UnusableArgument } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { shardName, shardNames } from "../../base/shard-names.ts";
import { withFileSource } from "../../llama/byte-source.ts";
import { modelShape } from "../../llama/model-shape.ts";
import { readModelHeader } from "../../llama/shards.ts";
import type { FitFile } from "../../select/fit/file-fit.ts";

/** A model whose header was read. */
export interface FitModel extends FitFile {
  /** Paths of all files that it is in. */
  readonly paths: readonly string[];
}

/** Name for one of a model's files in a folder of ours: those of the user's files may be anything. */
export const copyName = (index: number, count: number): string =>
  count === 1 ? "model.gguf" : shardName("model", index + 1, count);

/**
 * Reads the headers of models by the names of their files, each model once: of one that is split any part names all of it.
 * The header is enough, so a file that is shorter than its tensors need is read all the same.
 */
export const readModels = async (names: readonly string[]): Promise<Result<FitModel[]>> => {
  const models: FitModel[] = [];
  for (const name of new Set(names.map((each) => shardNames(each)[0] ?? each))) {
    const model = await readModel(name);
    if (!model.ok) return model;
    models.push(model.value);
  }
  return ok(models);
};

const readModel = async (name: string): Promise<Result<FitModel>> => {
  const place = remotePlace(name);
  if (place !== undefined) return err(place);
  const header = await readModelHeader(name, withFileSource);
  if (!header.ok) return err(unusable(name, header.error.why));
  const shape = modelShape(header.value);
  if (!shape.ok) return err(unusable(name, shape.error.why));
  return ok({ name: basename(name), bytes: header.value.bytes, shape: shape.value, paths: shardNames(name) });
};

const unusable = (file: string, why: string): ModelUnusable => ({
  reason: "model-unusable",
  file,
  why,
  remedy: "Give a GGUF file; of a model in several files any of them, with the others beside it.",
});

const remotePlace = (name: string): UnusableArgument | undefined =>
  /^(?:hf:|https?:\/\/)/i.test(name)
    ? { reason: "unusable-argument", message: `${name} lies elsewhere; give the path of a file on this machine` }
    : undefined;
