import { dirname, resolve } from "node:path";
import type { FoundSource } from "./found.ts";
import type { CacheType, DomainTolerance, FitSettings, Hygiene, ModelSource, Pipeline } from "./pipeline.ts";
import type { PipelineFile } from "./schema.ts";
import { settledAblation } from "./settle-ablation.ts";
import { settledSource } from "./settle-source.ts";
import type { WrittenTolerance } from "./tolerance-schema.ts";
import { wholeWindows } from "./unit.ts";

/** What is known of a file besides its values. */
export interface Known {
  readonly model: ModelSource;
  /** What the disk has for each source. */
  readonly sources: ReadonlyMap<number, FoundSource>;
  /** The gated domains in the order in which they are written. */
  readonly domains: readonly string[];
}

/** Turns a faultless file into the pipeline it describes: paths absolute, defaults that depend on others applied. */
export const settle = (file: string, written: PipelineFile, { model, sources, domains }: Known): Pipeline => {
  const folder = dirname(file);
  const { corpus, validate, select, card } = written;
  const context = validate.context ?? written.imatrix.context;
  return {
    name: written.name,
    file,
    model: model.files[0]?.path ?? "",
    ...(isOwnFile(model) ? {} : { modelSource: model }),
    ...(written.baseline === "model" ? {} : { baseline: written.baseline }),
    llamaCpp: written["llama-cpp"],
    corpus: {
      seed: corpus.seed,
      searchUnits: corpus.split.search,
      short: corpus.short,
      overlapLimit: corpus["overlap-limit"],
      hygiene: settledHygiene(corpus.hygiene),
      sources: corpus.sources.map((source, index) => settledSource(source, folder, sources.get(index) ?? {})),
    },
    imatrix: settledImatrix(written, folder),
    quantize: written.quantize,
    validate: {
      domains,
      units: validate.units,
      unit: validate.unit ?? wholeWindows(context),
      context,
      kv: validate.kv,
      logitsDisk: validate["logits-disk"] ?? null,
    },
    select: {
      mode: select.mode,
      plannedReruns: select["planned-reruns"],
      tolerances: domains.map((domain) => toleranceOf(domain, select.tolerance)),
      warn: { p99Kld: select.warn["p99-kld"] ?? null },
    },
    ...settledAblation(written.ablation, written.quantize.types),
    fit: settledFit(written.fit, validate.kv),
    card: {
      baseModel: card["base-model"] ?? null,
      quantizedBy: card["quantized-by"] ?? null,
      license: card.license ?? null,
      tags: card.tags,
    },
    timeouts: written.timeouts,
  };
};

const isOwnFile = ({ files }: ModelSource): boolean => files.length === 1 && files[0]?.fetched === null;

const settledImatrix = ({ imatrix, corpus }: PipelineFile, folder: string): Pipeline["imatrix"] => {
  const { chunks, context, coverage, import: imported } = imatrix;
  const all = corpus.sources.filter((source) => !source["holdout-only"]).map(({ id }) => id);
  const topUp = coverage?.["top-up"] === true ? all : (coverage?.["top-up"] ?? []);
  return {
    chunks,
    perSource: imatrix["per-source"] ?? chunks,
    context,
    coverage:
      coverage === undefined
        ? null
        : { minTokens: coverage["min-tokens"], experts: coverage.experts, topUp, pin: coverage.pin ?? null },
    import: imported === undefined ? null : resolve(folder, imported),
  };
};

const toleranceOf = (domain: string, written: WrittenTolerance): DomainTolerance => {
  const tolerance = "all" in written ? written.all : written.each[domain];
  if (tolerance === undefined) throw new Error(`Internal error: no tolerance for ${domain}`);
  return { domain, ...tolerance };
};

const settledFit = (written: PipelineFile["fit"], validated: CacheType): FitSettings | null =>
  written === undefined
    ? null
    : {
        gpu: written.gpu ?? null,
        vram: written.vram ?? null,
        reserve: written.reserve ?? null,
        context: written.context,
        kv: [...new Set([validated, ...(written.kv ?? (["q8_0"] as const))])],
        parallel: written.parallel,
        verify: written.verify,
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
