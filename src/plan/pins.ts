import { byCodeUnit, canonical, fingerprint, type Json } from "../base/canonical.ts";
import type { Digest } from "../base/ids.ts";
import { unreachable } from "../base/result.ts";
import type { Toolchain } from "../base/tool.ts";
import type { Pipeline, Source, SourceFile } from "../pipeline/pipeline.ts";
import { modelBytes, modelDigest } from "./model-files.ts";
import { settingsOf } from "./pinned-settings.ts";

/**
 * What the result of a run hangs on, as it stands in `<name>.lock`: no paths of a machine, and nothing that only says how
 * fast or where.
 */
export interface Pins {
  readonly schema: 1;
  readonly pipeline: string;
  /** Version of this program. */
  readonly program: string;
  /** The size, bytes, tells a person which of two files is the larger one. */
  readonly model: ModelPin;
  readonly sources: Readonly<Record<string, SourcePin>>;
  /** What the corpus came out as; null before it is assembled. */
  readonly manifest: string | null;
  readonly toolchain: {
    readonly version: string;
    readonly sha256: string;
    readonly backend: string;
    readonly device: string;
    readonly isa: string;
  };
  /** By their keys in the pipeline file. */
  readonly settings: Readonly<Record<string, Json>>;
}

export interface ModelPin {
  readonly sha256: string;
  readonly bytes: number;
  /** Of a model of the Hub: `owner/name`, and the commit that its revision was. */
  readonly repository?: string;
  readonly commit?: string;
}

export interface SourcePin {
  /** Over the names and digests of all files; of a repository the id of its tree, of a dataset that of its commit. */
  readonly digest: string;
  /** By name, the first 16 digits of each digest; null where there are too many to list, or none. */
  readonly files: Readonly<Record<string, string>> | null;
}

/** What must be looked up on the disk. */
export interface PinnedFiles {
  readonly digestOf: (path: string) => Digest;
  /** bytes */
  readonly sizeOf: (path: string) => number;
}

/** More are not listed by name: the lock file is meant to be read, and to be committed. */
const mostListed = 1000;

/** @throws what looking up a file throws */
export const pinsOf = (pipeline: Pipeline, toolchain: Toolchain, program: string, disk: PinnedFiles): Pins => ({
  schema: 1,
  pipeline: pipeline.name,
  program,
  model: pinModel(pipeline, disk),
  sources: Object.fromEntries(pipeline.corpus.sources.map((source) => [source.id, pinSource(source, disk)])),
  manifest: null,
  toolchain: {
    version: toolchain.version,
    sha256: fingerprint({ ...toolchain.identity }),
    ...toolchain.numeric,
  },
  settings: {
    ...settingsOf(pipeline),
    ...importPin(pipeline, disk),
  },
});

const pinModel = (pipeline: Pipeline, { digestOf, sizeOf }: PinnedFiles): ModelPin => {
  const pin = { sha256: modelDigest(pipeline, digestOf), bytes: modelBytes(pipeline, sizeOf) };
  const hub = pipeline.modelSource?.hub ?? undefined;
  return hub === undefined ? pin : { ...pin, repository: hub.repository, commit: hub.commit };
};

/** The bytes of an imported matrix. */
const importPin = ({ imatrix }: Pipeline, { digestOf }: PinnedFiles): Record<string, Json> =>
  imatrix.import === null ? {} : { "imatrix.import": digestOf(imatrix.import) };

const pinSource = (source: Source, { digestOf }: PinnedFiles): SourcePin => {
  if (source.kind === "git") return { digest: source.tree, files: null };
  if (source.kind === "url") return { digest: source.sha256, files: null };
  if (source.kind === "dataset") return { digest: source.dataset.commit, files: null };
  const files = filesOf(source)
    .map(({ name, path }): [string, Digest] => [name, digestOf(path)])
    .sort(([a], [b]) => byCodeUnit(a, b));
  const listed = files.length > 0 && files.length <= mostListed;
  return {
    digest: fingerprint(files),
    files: listed ? Object.fromEntries(files.map(([name, digest]) => [name, digest.slice(0, 16)])) : null,
  };
};

/** What a command prints is in no file yet: it shows in the manifest. */
const filesOf = (source: Exclude<Source, { readonly kind: "git" | "url" | "dataset" }>): readonly SourceFile[] => {
  switch (source.kind) {
    case "files":
      return source.files;
    case "chats":
      // A name that no file of a glob can have.
      return source.template === null ? source.files : [...source.files, { name: "/template", path: source.template }];
    case "prompts":
      return [{ name: lastPart(source.file), path: source.file }];
    case "command":
      return source.inputs;
    case "stdin":
      return source.file === null ? [] : [source.file];
    default:
      return unreachable(source);
  }
};

const lastPart = (path: string): string => path.replace(/^.*[\\/]/s, "");

/** The text of a lock file: names in code-unit order, so that the same pins are the same bytes everywhere. */
export const pinsText = (pins: Pins): string =>
  `${JSON.stringify(JSON.parse(canonical(pins as unknown as Json)), null, 2)}\n`;
