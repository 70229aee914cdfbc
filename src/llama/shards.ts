import { ok, type Result } from "../base/result.ts";
import { type FileFlaw, flaw } from "./bytes.ts";
import type { Gguf } from "./gguf.ts";
import { numberValue, textValue } from "./gguf-value.ts";

/** Which of how many files of a model a header belongs to, the first being 0; one of one where it is not split. */
export const shardPlace = ({ metadata }: Gguf): { readonly index: number; readonly count: number } => ({
  index: numberValue(metadata, "split.no") ?? 0,
  count: Math.max(1, numberValue(metadata, "split.count") ?? 1),
});

/** A header, and the name of the file that it is from. */
export interface NamedHeader {
  readonly name: string;
  readonly gguf: Gguf;
}

/**
 * One header for all files of a model: metadata of the first, tensors of all. The error names the file that does not belong
 * to the others, or what of them is missing. `dataOffset` and the tensors' offsets mean nothing any more.
 */
export const joinShards = (headers: readonly NamedHeader[]): Result<Gguf, FileFlaw> => {
  const first = headers[0];
  if (first === undefined) throw new Error("Internal error: a model in no file");
  const count = shardPlace(first.gguf).count;
  if (count !== headers.length) return flaw(`is in ${count} files, ${headers.length} of them here`);
  if (count === 1) return ok(first.gguf);
  const stranger = headers.flatMap((header, index) => strangeness(header, index, first.gguf) ?? [])[0];
  if (stranger !== undefined) return flaw(stranger);
  const tensors = headers.flatMap(({ gguf }) => gguf.tensors);
  const names = new Set(tensors.map(({ name }) => name));
  const told = numberValue(first.gguf.metadata, "split.tensors.count");
  if (told !== undefined && told !== tensors.length)
    return flaw(`has ${tensors.length} tensors in its files, and says ${told}`);
  if (names.size !== tensors.length) return flaw("has a tensor twice in its files");
  const bytes = headers.reduce((sum, { gguf }) => sum + gguf.bytes, 0);
  return ok({ ...first.gguf, tensors, bytes });
};

/** What makes a file no part of the model that the first one begins. */
const strangeness = ({ name, gguf }: NamedHeader, index: number, first: Gguf): string | undefined => {
  const [place, count] = [shardPlace(gguf), shardPlace(first).count];
  if (place.count !== count) return `has a part ${name} that is one of ${place.count} files, not of ${count}`;
  if (place.index !== index) return `has a part ${name} that says it is number ${place.index + 1}, not ${index + 1}`;
  const [kind, wanted] = [gguf, first].map(({ metadata }) => textValue(metadata, "general.architecture"));
  // llama-gguf-split writes the metadata into the first file only.
  if (kind !== undefined && kind !== wanted) return `has a part ${name} of the architecture ${kind}, not ${wanted}`;
  const [told, tensors] = [gguf, first].map(({ metadata }) => numberValue(metadata, "split.tensors.count"));
  return told === tensors ? undefined : `has a part ${name} that counts ${told} tensors in all, not ${tensors}`;
};
