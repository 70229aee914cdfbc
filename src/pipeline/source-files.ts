import { basename, dirname, relative, resolve, sep } from "node:path";
import { byCodeUnit } from "../base/canonical.ts";
import type { SourceFile } from "./pipeline.ts";
import type { FoundFile, Globbed, Reader } from "./reader.ts";

/** A glob cut where its wildcards begin. */
interface Cut {
  /** Absolute directory without wildcards. */
  readonly base: string;
  /** The rest, relative to `base`; a plain file name when there is no wildcard at all. */
  readonly pattern: string;
  readonly wild: boolean;
}

/** What one glob stands for: files, or why there are none; and what it matches that is no file. */
export type Matches = (MatchedFiles | { readonly help: string }) & Pick<Globbed, "odd">;

export interface MatchedFiles {
  readonly base: string;
  readonly files: readonly FoundFile[];
}

const wildcard = /[*?[\]{}\\]|[!@+]\(/;

const cutGlob = (glob: string, folder: string): Cut => {
  const parts = glob.split("/");
  const index = parts.findIndex((part) => wildcard.test(part));
  if (index < 0) {
    const path = resolve(folder, glob);
    return { base: dirname(path), pattern: basename(path), wild: false };
  }
  // An absolute glob keeps its leading slash, which splitting turned into an empty part.
  const fixed = parts.slice(0, index).join("/") + (index === 1 && parts[0] === "" ? "/" : "");
  return { base: resolve(folder, fixed), pattern: parts.slice(index).join("/"), wild: true };
};

/** The files that a glob relative to `folder` (absolute) matches. */
export const matchGlob = async (reader: Reader, glob: string, folder: string): Promise<Matches> => {
  const { base, pattern, wild } = cutGlob(glob, folder);
  if (!wild) return matchPath(reader, glob, resolve(base, pattern));
  if ((await reader.kind(base)) !== "directory") return { help: `there is no directory \`${base}\``, odd: [] };
  const { files, odd } = await reader.glob(pattern, base);
  if (files.length > 0) return { base, files, odd };
  const literal = (await reader.kind(resolve(folder, glob))) === "file";
  return { help: literal ? `for the file of this name write \`${escapeGlob(glob)}\`` : `looked in \`${base}\``, odd };
};

/** A path as the glob that matches it alone. */
const escapeGlob = (path: string): string => path.replaceAll(/[*?[\]{}()!+@\\]/g, String.raw`\$&`);

const matchPath = async (reader: Reader, glob: string, path: string): Promise<Matches> => {
  const kind = await reader.kind(path);
  if (kind === "file") {
    return { base: dirname(path), files: [{ path, real: await reader.realPath(path) }], odd: [] };
  }
  if (kind === "missing") return { help: `looked for \`${path}\``, odd: [] };
  if (kind !== "directory") return { help: "", odd: [{ path, kind }] };
  return { help: `it is a directory: write \`${glob.replace(/\/+$/, "")}/**/*\` for the files in it`, odd: [] };
};

/**
 * Files of several globs as one source, named from the directory that all the globs have in common. A file that links
 * give several names counts once, under the first.
 */
export const namedFiles = (matches: readonly MatchedFiles[]): readonly SourceFile[] => {
  const base = commonDirectory(matches.map((match) => match.base));
  const seen = new Set<string>();
  return matches
    .flatMap(({ files }) => files)
    .map(({ path, real }) => ({ path, real, name: relative(base, path).split(sep).join("/") }))
    .sort((a, b) => byCodeUnit(a.name, b.name))
    .filter(({ real }) => !seen.has(real) && seen.add(real))
    .map(({ path, name }) => ({ path, name }));
};

const commonDirectory = (directories: readonly string[]): string => {
  const [parts = [], ...others] = directories.map((directory) => directory.split(sep));
  const differs = parts.findIndex((part, index) => others.some((other) => other[index] !== part));
  const common = (differs < 0 ? parts : parts.slice(0, differs)).join(sep);
  return common === "" ? sep : common;
};
