import { fingerprint, type JsonObject } from "../base/canonical.ts";
import { digest, stepId, type Digest } from "../base/ids.ts";
import { shardName } from "../base/shard-names.ts";
import type { FetchedFile, ModelFile, Pipeline } from "../pipeline/pipeline.ts";
import type { InputRef, StepSpec } from "./step.ts";

const fetchStep = stepId("fetch");

/** All files of the model, in the order of their numbers. */
export const modelFilesOf = ({ model, modelSource }: Pick<Pipeline, "model" | "modelSource">): readonly ModelFile[] =>
  modelSource?.files ?? [{ path: model, fetched: null }];

/**
 * The model as inputs of a step. One file has the role `<name>.gguf`; of several each has a name by which llama.cpp finds the
 * others, whatever the files are called: their names are in no key.
 */
export const modelInputs = (pipeline: Pipeline, name = "model"): Record<string, InputRef> => {
  const files = modelFilesOf(pipeline);
  const role = (index: number): string =>
    files.length === 1 ? `${name}.gguf` : shardName(name, index + 1, files.length);
  return Object.fromEntries(files.map((file, index) => [role(index), refOf(file)]));
};

const refOf = ({ path, fetched }: ModelFile): InputRef =>
  fetched === null
    ? { from: "file", path }
    : { from: "file", path, fetched: { by: fetchStep, sha256: digest(fetched.sha256), bytes: fetched.bytes } };

/** Brings the model, where it is not the user's own file. It waits for a step that runs and reads it. */
export const fetchSteps = (pipeline: Pipeline): StepSpec[] => {
  const { modelSource } = pipeline;
  const files = modelFilesOf(pipeline).flatMap(({ fetched }) => (fetched === null ? [] : [fetched]));
  if (modelSource === undefined || files.length === 0) return [];
  const spec: StepSpec = {
    id: fetchStep,
    kind: "fetch",
    title: files.length === 1 ? "Fetch the model" : `Fetch the model, ${files.length} files`,
    // What it is, and neither whence nor whither: a mirror gives the same, and a cache may move.
    params: { files: files.map(contentOf) },
    inputs: {},
    after: [],
    numeric: false,
    lazy: true,
    brings: modelSource,
    outputs: { receipt: { file: "receipt.json" } },
  };
  return [spec];
};

const contentOf = ({ sha256, bytes }: FetchedFile): JsonObject => ({ sha256, bytes });

/** One digest for the model: of its only file, or over those of all. @throws what `digestOf` throws */
export const modelDigest = (pipeline: Pipeline, digestOf: (path: string) => Digest): Digest => {
  const digests = modelFilesOf(pipeline).map(({ path, fetched }) =>
    fetched === null ? digestOf(path) : digest(fetched.sha256),
  );
  const [only] = digests;
  return digests.length === 1 && only !== undefined ? only : fingerprint(digests);
};

/** Bytes of all its files. @throws what `sizeOf` throws */
export const modelBytes = (pipeline: Pipeline, sizeOf: (path: string) => number): number =>
  modelFilesOf(pipeline).reduce((sum, { path, fetched }) => sum + (fetched?.bytes ?? sizeOf(path)), 0);
