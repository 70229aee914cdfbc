import { dirname, resolve } from "node:path";
import type { PipelineFile } from "./schema.ts";
import type { Pipeline, Source, SourceFile } from "./pipeline.ts";

/** Tokens in a unit at least, unless the file says otherwise: fewer are too alike to count as one observation each. */
const usualUnit = 2048;

/** Turns a faultless file into the pipeline it describes: paths absolute, defaults that depend on others applied. */
export const settle = (
  file: string,
  written: PipelineFile,
  files: ReadonlyMap<number, readonly SourceFile[]>,
): Pipeline => {
  const folder = dirname(file);
  const { corpus, validate } = written;
  const context = validate.context ?? written.imatrix.context;
  return {
    name: written.name,
    file,
    model: resolve(folder, written.model),
    llamaCpp: written["llama-cpp"],
    corpus: {
      seed: corpus.seed,
      searchUnits: corpus.split.search,
      sources: corpus.sources.map((source, index) => settledSource(source, folder, files.get(index) ?? [])),
    },
    imatrix: written.imatrix,
    quantize: written.quantize,
    validate: { ...validate, context, unit: validate.unit ?? wholeWindows(context) },
    select: written.select,
    timeouts: written.timeouts,
  };
};

const wholeWindows = (context: number): number => Math.ceil(usualUnit / context) * context;

const settledSource = (
  { id, domain, share, prompts }: PipelineFile["corpus"]["sources"][number],
  folder: string,
  files: readonly SourceFile[],
): Source =>
  prompts === undefined
    ? { kind: "files", id, domain, share, files }
    : { kind: "prompts", id, domain, share, file: resolve(folder, prompts) };
