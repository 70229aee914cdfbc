import { dirname } from "node:path";
import { err, ok } from "../../src/base/result.ts";
import type { Diagnostic } from "../../src/base/diagnostic.ts";
import { parsePipeline } from "../../src/pipeline/load.ts";
import type { DatasetAnswer, GitAnswer, ModelAnswer, Oddity, Reader } from "../../src/pipeline/reader.ts";

/** What a disk has besides plain files, by absolute path. */
export interface Extras {
  readonly odd?: Readonly<Record<string, Oddity>>;
  /** Links to files. */
  readonly links?: Readonly<Record<string, string>>;
  /** `<repository> <revision>` → answer. */
  readonly git?: Readonly<Record<string, GitAnswer>>;
  /** By the name on the Hub, or the address. */
  readonly models?: Readonly<Record<string, ModelAnswer>>;
  /** By the name on the Hub. */
  readonly datasets?: Readonly<Record<string, DatasetAnswer>>;
}

/** A reader over files given as absolute path → text. */
export const memoryReader = (
  files: Readonly<Record<string, string>>,
  { odd = {}, links = {}, git = {}, models = {}, datasets = {} }: Extras = {},
): Reader => ({
  readText: async (path) => {
    const text = files[path];
    return text === undefined
      ? err({ reason: "file-trouble", path, operation: "read", code: "ENOENT" } as const)
      : ok(text);
  },
  kind: async (path) => {
    if (files[path] !== undefined || links[path] !== undefined) return "file";
    if (Object.keys(files).some((file) => file.startsWith(`${path}/`))) return "directory";
    return odd[path] ?? "missing";
  },
  realPath: async (path) => links[path] ?? path,
  glob: async (pattern, directory) => {
    const matcher = new RegExp(`^${escaped(directory)}/${globSource(pattern)}$`, "s");
    const matched = (record: object) => Object.keys(record).filter((path) => matcher.test(path));
    return {
      files: [...matched(files), ...matched(links)].map((path) => ({ path, real: links[path] ?? path })),
      odd: Object.entries(odd)
        .filter(([path]) => matcher.test(path))
        .map(([path, kind]) => ({ path, kind })),
    };
  },
  sizes: async (paths) => paths.map((path) => Buffer.byteLength(files[path] ?? "")),
  model: async (reference) => models[reference.from === "hub" ? reference.written : reference.url] ?? noModel,
  dataset: async ({ written }) =>
    datasets[written] ?? { wrong: "there is no such dataset", help: "name another", at: "dataset" },
  git: async (repository, revision) => git[`${repository} ${revision}`] ?? { why: "no-repository" },
});

const noModel: ModelAnswer = { wrong: "there is no such model", help: "name another" };

const escaped = (text: string): string => text.replaceAll(/[.+^$()|[\]{}\\]/g, String.raw`\$&`);

const globSource = (pattern: string): string =>
  escaped(pattern)
    .replaceAll("?", "[^/]")
    .replaceAll("**/", "\u0001")
    .replaceAll("*", "[^/]*")
    .replaceAll("\u0001", "(?:.*/)?");

/** So many that some can be held out. */
const tenTemplates = Array.from({ length: 10 }, (_, index) => `"${String(index)}: ask about {organ}."`).join(", ");

/** A small world that the pipelines of these tests refer to. */
export const world: Readonly<Record<string, string>> = {
  "/home/ada/models/pocket-f16.gguf": "",
  "/home/ada/corpora/medical/notes/a.txt": "a",
  "/home/ada/corpora/medical/notes/deep/b.txt": "b",
  "/home/ada/corpora/medical/prompts.yaml": `templates: [${tenTemplates}]\nslots: { organ: [heart, lungs] }\n`,
  "/home/ada/corpora/general/c.txt": "c",
  "/home/ada/corpora/general/records.jsonl": "",
};

export const pipelineFile = "/home/ada/pipelines/medical.yaml";

/** A pipeline without mistakes, for tests to put one into. */
export const good = `name: medical
model: ../models/pocket-f16.gguf
llama-cpp: { version: ">=0.5", backend: cpu }
corpus:
  seed: 7
  split: { search: 8 units }
  sources:
    - { id: notes, files: ../corpora/medical/notes/**/*.txt, domain: medical, share: 50% }
    - { id: prompts, prompts: ../corpora/medical/prompts.yaml, domain: medical, share: 20% }
    - { id: general, files: ../corpora/general/*.txt, domain: general, share: 30% }
imatrix: { chunks: 32, context: 512 }
quantize: { types: [Q8_0, q6_k] }
validate: { domain: medical, units: 32, unit: 512, context: 512, kv: f16 }
select: { tolerance: chat }
timeouts: { stall: 10m }
`;

/** Everything that is said about a pipeline text, errors and warnings. */
export const problemsOf = async (text: string, files = world, extras?: Extras): Promise<readonly Diagnostic[]> => {
  const loaded = await parsePipeline(pipelineFile, text, memoryReader(files, extras));
  if (loaded.ok) return loaded.value.warnings;
  if (loaded.error.reason !== "invalid-pipeline") throw new Error(`Unexpected ${loaded.error.reason}`);
  return loaded.error.diagnostics;
};

/** `«the characters pointed at» message (help) [«second place» its message]`, one line a diagnostic. */
export const brief = (notes: readonly Diagnostic[]): readonly string[] =>
  notes.map(({ severity, location, message, help, related = [] }) => {
    const parts = [`«${slice(location)}» ${message}`];
    if (severity === "warning") parts.unshift("warning:");
    if (help !== undefined) parts.push(`(${help})`);
    for (const place of related) parts.push(`[«${slice(place.location)}» ${place.message}]`);
    return parts.join(" ");
  });

const slice = ({ text, start, end }: Diagnostic["location"]): string => text.slice(start, end);

/** The text of `good` with one piece replaced; the piece must be in it exactly once. */
export const withMistake = (...changes: readonly (readonly [string, string])[]): string => {
  let text = good;
  for (const [from, to] of changes) {
    if (text.split(from).length !== 2) throw new Error(`not exactly once in the pipeline: ${from}`);
    text = text.replace(from, () => to);
  }
  return text;
};

export const folder = dirname(pipelineFile);
