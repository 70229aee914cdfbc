/** A model as a pipeline file names it. */
export type ModelReference =
  | { readonly from: "path"; readonly path: string }
  | HubReference
  | { readonly from: "url"; readonly url: string; readonly sha256: string };

/** A model of the Hub. */
export interface HubReference {
  readonly from: "hub";
  /** As it is written, for messages. */
  readonly written: string;
  /** `owner/name` */
  readonly repository: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** The file in the repository; null where a type, or nothing, is said. */
  readonly file: string | null;
  /** `Q8_0` of `hf:owner/name:Q8_0`; null where a file, or nothing, is said. */
  readonly type: string | null;
}

/** The branch that is meant where none is named. */
const usualRevision = "main";

const part = String.raw`[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?`;
const pattern = new RegExp(String.raw`^hf:(${part}/${part})(?:@([^/:@\s]+))?(?:/(.+)|:([A-Za-z0-9_]+))?$`);

export const isHubReference = (written: string): boolean => /^hf:/i.test(written);

/**
 * `hf:owner/name[@revision]/file.gguf`, or `hf:owner/name[@revision][:TYPE]`. A slash in a revision is written `%2F`, because
 * nobody could tell where the file begins. Undefined for what is none.
 */
export const parseHubReference = (written: string): HubReference | undefined => {
  const [, repository, revision, file, type] = pattern.exec(written.trim()) ?? [];
  if (repository === undefined || repository.includes("..") || (file !== undefined && !isPlain(file))) return undefined;
  const decoded = revision === undefined ? usualRevision : decodedText(revision);
  if (decoded === undefined || !isPlain(decoded)) return undefined;
  return {
    from: "hub",
    written: written.trim(),
    repository,
    revision: decoded,
    file: file ?? null,
    type: type ?? null,
  };
};

/** A name that stays below its folder: it becomes a path in a cache that others use as well. */
const isPlain = (name: string): boolean =>
  // eslint-disable-next-line no-control-regex
  !/[\\\u0000-\u001f\u007f]/.test(name) && name.split("/").every((step) => !["", ".", ".."].includes(step));

const decodedText = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
