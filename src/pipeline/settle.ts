import { dirname, resolve } from "node:path";
import type { FoundSource } from "./found.ts";
import type { Hygiene, Pipeline } from "./pipeline.ts";
import type { PipelineFile } from "./schema.ts";
import { settledSource } from "./settle-source.ts";
import { wholeWindows } from "./unit.ts";

/** Turns a faultless file into the pipeline it describes: paths absolute, defaults that depend on others applied. */
export const settle = (file: string, written: PipelineFile, found: ReadonlyMap<number, FoundSource>): Pipeline => {
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
      short: corpus.short,
      overlapLimit: corpus["overlap-limit"],
      hygiene: settledHygiene(corpus.hygiene),
      sources: corpus.sources.map((source, index) => settledSource(source, folder, found.get(index) ?? {})),
    },
    imatrix: written.imatrix,
    quantize: written.quantize,
    validate: { ...validate, context, unit: validate.unit ?? wholeWindows(context) },
    select: written.select,
    timeouts: written.timeouts,
  };
};

const settledHygiene = (written: PipelineFile["corpus"]["hygiene"]): Hygiene => ({
  nfc: written.nfc,
  controlCharacters: written["control-characters"],
  boilerplate: written.boilerplate,
  minLength: written["min-length"],
  maxLength: written["max-length"],
  languages: written.languages,
  duplicates: written.duplicates,
  nearDuplicates: written["near-duplicates"],
  secrets: written.secrets,
  unreadable: written.unreadable,
});
