import type { Pipeline } from "../pipeline/pipeline.ts";
import { datasetNeed } from "../plan/dataset-need.ts";

/** What is known of text that is brought from elsewhere, before it is here. */
export type TextOutlook = DatasetOutlook | UrlOutlook;

export interface DatasetOutlook {
  readonly kind: "dataset";
  readonly source: string;
  readonly repository: string;
  readonly revision: string;
  readonly commit: string;
  readonly config: string | null;
  readonly split: string;
  readonly field: string;
  /** As the file says, else the dataset's card. */
  readonly license: string | null;
  readonly gated: boolean;
  /** Files that may be read, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Bytes of text that are taken. */
  readonly take: number;
}

export interface UrlOutlook {
  readonly kind: "url";
  readonly source: string;
  /** Without what may be secret in it. */
  readonly host: string;
  readonly sha256: string;
}

export const seeTexts = (pipeline: Pipeline): TextOutlook[] =>
  pipeline.corpus.sources.flatMap((source): TextOutlook[] => {
    const { id, kind } = source;
    if (kind === "url") return [{ kind, source: id, host: new URL(source.url).host, sha256: source.sha256 }];
    if (kind !== "dataset") return [];
    const { dataset, config, split, field, license } = source;
    const { repository, revision, commit, gated, files } = dataset;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const asked = { config, split, field: field ?? "text", take: datasetNeed(pipeline, source).bytes };
    return [{ kind, source: id, repository, revision, commit, license, gated, ...asked, files: files.length, bytes }];
  });
