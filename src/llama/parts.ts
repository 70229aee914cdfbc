import { ok, type Result } from "../base/result.ts";
import { flaw, type FileFlaw } from "./bytes.ts";
import { checkGguf, readGguf, type Gguf } from "./gguf.ts";
import { numberValue, textValue } from "./gguf-value.ts";

/**
 * Reads the headers of all files of a model, in the order of their numbers, and checks that each is whole and that they belong
 * together. The result has the metadata of the first and the tensors of all; their offsets are those in their own files.
 */
export const checkParts = (paths: readonly string[]): Result<Gguf, FileFlaw> => joinParts(paths, checkGguf);

/** The same without a look at the length of the files. */
export const readParts = (paths: readonly string[]): Result<Gguf, FileFlaw> => joinParts(paths, readGguf);

const joinParts = (
  paths: readonly string[],
  read: (path: string) => Result<Gguf, FileFlaw>,
): Result<Gguf, FileFlaw> => {
  const headers: Gguf[] = [];
  for (const [index, path] of paths.entries()) {
    const header = read(path);
    if (!header.ok) return paths.length === 1 ? header : flaw(`has a part ${index + 1} that ${header.error.why}`);
    headers.push(header.value);
  }
  return join(headers);
};

/** Headers of the files of one model, in the order of their numbers. */
export const join = (headers: readonly Gguf[]): Result<Gguf, FileFlaw> => {
  const [first] = headers;
  if (first === undefined) throw new Error("Internal error: a model in no file");
  const count = partCount(first);
  if (count !== headers.length) return flaw(`is one of ${count} files, and ${headers.length} of them are given`);
  if (count === 1) return ok(first);
  for (const [index, header] of headers.entries()) {
    const why = stranger(header, index, first);
    if (why !== undefined) return flaw(why);
  }
  const tensors = headers.flatMap((header) => header.tensors);
  const told = numberValue(first.metadata, "split.tensors.count");
  if (told !== undefined && told !== tensors.length)
    return flaw(`has ${tensors.length} tensors in its files, and says that there are ${told}`);
  if (new Set(tensors.map(({ name }) => name)).size !== tensors.length)
    return flaw("has one tensor in two of its files");
  return ok({ ...first, tensors, bytes: headers.reduce((sum, { bytes }) => sum + bytes, 0) });
};

const partCount = ({ metadata }: Gguf): number => Math.max(1, numberValue(metadata, "split.count") ?? 1);

/** Why a file is not the one that belongs in its place. llama-gguf-split writes the model's own metadata into the first alone. */
const stranger = (header: Gguf, index: number, first: Gguf): string | undefined => {
  const part = `has a part ${index + 1} that`;
  if (partCount(header) !== partCount(first))
    return `${part} is one of ${partCount(header)} files, not of ${partCount(first)}`;
  const number = (numberValue(header.metadata, "split.no") ?? 0) + 1;
  if (number !== index + 1) return `${part} says it is number ${number}`;
  const [own, all] = [header, first].map(({ metadata }) => numberValue(metadata, "split.tensors.count"));
  if (own !== all) return `${part} counts ${own} tensors over all files, and the first ${all}`;
  const [kind, wanted] = [header, first].map(({ metadata }) => textValue(metadata, "general.architecture"));
  return kind === undefined || kind === wanted ? undefined : `${part} is of the architecture ${kind}, not ${wanted}`;
};
