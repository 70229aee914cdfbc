import { fingerprint, type JsonObject } from "../base/canonical.ts";
import { stepId, type StepId } from "../base/ids.ts";
import { unreachable } from "../base/result.ts";
import type { CommandSource, DatasetSource, GitSource, Pipeline, Source, UrlSource } from "../pipeline/pipeline.ts";
import { datasetNeed } from "./dataset-need.ts";
import { modelInputs } from "./model-files.ts";
import type { MixPart } from "./mix.ts";
import { topUpWindows } from "./ranges.ts";
import type { Shard } from "./shards.ts";
import type { InputRef, OutputSpec, StepSpec } from "./step.ts";

const file = (path: string): InputRef => ({ from: "file", path });

/** Texts that lie in no file yet: a revision of a repository, what a command prints, and what is brought from elsewhere. */
export const sourceSteps = (pipeline: Pipeline): StepSpec[] => {
  const {
    file: yaml,
    corpus: { sources },
  } = pipeline;
  return sources.flatMap((source) => {
    if (source.kind === "dataset") return [datasetStep(source, pipeline)];
    if (source.kind === "url") return [urlStep(source)];
    if (source.kind === "git") return [gitStep(source)];
    return source.kind === "command" ? [commandStep(source, yaml.replace(/[\\/][^\\/]*$/, ""))] : [];
  });
};

const sourceStep = (id: string): StepId => stepId(`source/${id}`);

/** The tree names the content, so that neither the place of the repository nor the name of the revision is in the key. */
const gitStep = ({ id, tree, repository, include, exclude }: GitSource): StepSpec => ({
  id: sourceStep(id),
  kind: "source",
  title: `Read the repository of ${id}`,
  params: { from: "git", tree, include: [...include], exclude: [...exclude] },
  inputs: {},
  after: [],
  numeric: false,
  folder: repository,
  outputs: { content: { file: "content.bin" }, names: { file: "names.json" } },
});

/** It runs once for the same words and the same inputs; what it reads besides is not known here. */
const commandStep = ({ id, argv, inputs }: CommandSource, folder: string): StepSpec => ({
  id: sourceStep(id),
  kind: "source",
  title: `Run ${argv[0] ?? ""} for ${id}`,
  params: { from: "command", argv: [...argv] },
  inputs: Object.fromEntries(inputs.map(({ name, path }) => [`input/${name}`, file(path)])),
  after: [],
  numeric: false,
  folder,
  outputs: { content: { file: "content.bin" } },
});

/** What is taken hangs on the files as they are in the commit, whatever server gives them. */
const datasetStep = (source: DatasetSource, pipeline: Pipeline): StepSpec => {
  const { id, dataset, config, split, field } = source;
  const { repository, commit, files } = dataset;
  return {
    id: sourceStep(id),
    kind: "source",
    title: `Take text of ${repository} for ${id}`,
    params: {
      from: "dataset",
      repository,
      commit,
      config,
      split,
      files: fingerprint(files.map(({ path, oid, bytes }) => [path, oid, bytes])),
      field: field ?? "text",
      seed: pipeline.corpus.seed,
      ...datasetNeed(pipeline, source),
    },
    inputs: {},
    after: [],
    numeric: false,
    remote: { dataset },
    outputs: { content: { file: "content.jsonl" }, taken: { file: "taken.json" } },
  };
};

/** The digest is all that it is: another server may give the same. */
const urlStep = ({ id, url, sha256 }: UrlSource): StepSpec => ({
  id: sourceStep(id),
  kind: "source",
  title: `Fetch the text of ${id}`,
  params: { from: "url", sha256 },
  inputs: {},
  after: [],
  numeric: false,
  remote: { url },
  outputs: { content: { file: "content.bin" } },
});

/** The output that says how many windows of calibration text a source gave. */
export const windowsOutput = (source: string): string => `windows-${source}`;

/** The output with more text of a source. No id has an underscore, so it cannot be the text of another source. */
export const topUpOutput = (source: string): string => `more_${source}`;

/** All text, from its sources to what the tools read. */
export const corpusStep = (pipeline: Pipeline, shards: readonly Shard[], mix: readonly MixPart[]): StepSpec => ({
  id: stepId("corpus"),
  kind: "corpus",
  title: "Assemble the corpus",
  params: corpusParams(pipeline, shards, mix),
  inputs: {
    ...modelInputs(pipeline),
    ...Object.fromEntries(pipeline.corpus.sources.flatMap(sourceInputs)),
  },
  tool: "llama-tokenize",
  after: [stepId("model")],
  numeric: false,
  outputs: {
    manifest: { file: "manifest.json" },
    survey: { file: "survey.json" },
    search: { file: "search.txt" },
    ...Object.fromEntries(shards.map(({ number }) => text(`holdout-${number}`))),
    ...Object.fromEntries(mix.map(({ id }) => text(`calibration-${id}`))),
    ...Object.fromEntries(mix.map(({ id }) => json(windowsOutput(id)))),
    ...Object.fromEntries(
      topUpOf(pipeline, mix).flatMap((id) => [text(topUpOutput(id)), json(windowsOutput(topUpOutput(id)))]),
    ),
  },
});

const text = (name: string): [string, OutputSpec] => [name, { file: `${name}.txt` }];
const json = (name: string): [string, OutputSpec] => [name, { file: `${name}.json` }];

/** Sources that give more text where too little reached a weight. */
const topUpOf = ({ imatrix: { coverage } }: Pipeline, mix: readonly MixPart[]): string[] =>
  mix.map(({ id }) => id).filter((id) => coverage?.topUp.includes(id) === true);

const corpusParams = (pipeline: Pipeline, shards: readonly Shard[], mix: readonly MixPart[]): JsonObject => {
  const { corpus, imatrix, validate } = pipeline;
  return {
    seed: corpus.seed,
    sources: corpus.sources.map(sourceParams),
    hygiene: { ...corpus.hygiene, languages: corpus.hygiene.languages === null ? null : [...corpus.hygiene.languages] },
    short: corpus.short,
    overlapLimit: corpus.overlapLimit,
    calibration: mix.map(({ id, chunks, most }) => ({
      id,
      chunks: Math.min(chunks, most),
      most,
      topUp: topUpOf(pipeline, mix).includes(id) ? topUpWindows : 0,
    })),
    calibrationContext: imatrix.context,
    domains: [...pipeline.validate.domains],
    // Pairs and not mappings: a person reads them in the reason for which the corpus is assembled anew.
    shards: shards.map(({ domain, units }) => [domain, units]),
    searchUnits: corpus.searchUnits,
    // Only where something is measured on it: the others keep their keys.
    ...(pipeline.ablation === undefined ? {} : { spareSearch: true }),
    unit: validate.unit,
    context: validate.context,
  };
};

/** How a source is read. Where it lies is in its inputs. */
const sourceParams = (source: Source): JsonObject => {
  const { id, domain, share, license, holdoutOnly, kind } = source;
  const base = { id, domain, share, license, holdoutOnly, kind };
  switch (source.kind) {
    case "files":
    case "command":
    case "stdin":
    case "url":
      return { ...base, format: source.format, field: source.field, group: source.group };
    case "chats":
      return { ...base, field: source.field, group: source.group };
    case "git":
    case "prompts":
    case "dataset":
      return base;
    default:
      return unreachable(source);
  }
};

/** Role of a source's file: `source/<id>/<name>`; of its only one: `source/<id>`. */
const sourceInputs = (source: Source): [string, InputRef][] => {
  const only = `source/${source.id}`;
  switch (source.kind) {
    case "prompts":
      return [[only, file(source.file)]];
    case "git":
      return [
        [only, { from: "step", step: sourceStep(source.id), output: "content" }],
        [`names/${source.id}`, { from: "step", step: sourceStep(source.id), output: "names" }],
      ];
    case "command":
    case "dataset":
    case "url":
      return [[only, { from: "step", step: sourceStep(source.id), output: "content" }]];
    case "stdin":
      return source.file === null ? [] : [[only, file(source.file.path)]];
    case "chats":
      return [...fileInputs(source.id, source.files), ...templateInput(source.id, source.template)];
    case "files":
      return fileInputs(source.id, source.files);
    default:
      return unreachable(source);
  }
};

const fileInputs = (id: string, files: readonly { readonly name: string; readonly path: string }[]) =>
  files.map(({ name, path }): [string, InputRef] => [`source/${id}/${name}`, file(path)]);

const templateInput = (id: string, template: string | null): [string, InputRef][] =>
  template === null ? [] : [[`template/${id}`, file(template)]];
