import { parseHubReference } from "./model-reference.ts";

/** A dataset of the Hub as a pipeline file names it. */
export interface DatasetReference {
  /** As it is written, for messages. */
  readonly written: string;
  /** `owner/name` */
  readonly repository: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  readonly config: string | null;
  readonly split: string;
}

/** `hf:datasets/owner/name[@revision]`; a slash in a revision is written `%2F`. Undefined for what is none. */
export const parseDataset = (
  written: string,
): Pick<DatasetReference, "written" | "repository" | "revision"> | undefined => {
  const [, name] = /^hf:datasets\/(.+)$/i.exec(written.trim()) ?? [];
  const parsed = name === undefined ? undefined : parseHubReference(`hf:${name}`);
  if (parsed === undefined || parsed.file !== null || parsed.type !== null) return undefined;
  return { written: written.trim(), repository: parsed.repository, revision: parsed.revision };
};
