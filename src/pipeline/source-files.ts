import { basename, dirname, relative, resolve, sep } from "node:path";
import { byCodeUnit } from "../base/canonical.ts";
import type { SourceFile } from "./pipeline.ts";
import type { Reader } from "./reader.ts";

/** A glob cut where its wildcards begin. */
interface Cut {
  /** Absolute directory without wildcards. */
  readonly base: string;
  /** The rest, relative to `base`; a plain file name when there is no wildcard at all. */
  readonly pattern: string;
  readonly wild: boolean;
}

/** What one glob stands for: files, or why there are none. */
export type Matches = { readonly base: string; readonly paths: readonly string[] } | { readonly help: string };

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
  if ((await reader.kind(base)) !== "directory") return { help: `there is no directory \`${base}\`` };
  const paths = await reader.glob(pattern, base);
  return paths.length === 0 ? { help: `looked in \`${base}\`` } : { base, paths };
};

const matchPath = async (reader: Reader, glob: string, path: string): Promise<Matches> => {
  const kind = await reader.kind(path);
  if (kind === "file") return { base: dirname(path), paths: [path] };
  if (kind === "missing") return { help: `looked for \`${path}\`` };
  return { help: `it is a directory: write \`${glob.replace(/\/+$/, "")}/**/*\` for the files in it` };
};

/** Files of several globs as one source: each once, named from the directory that all the globs have in common. */
export const namedFiles = (matches: readonly { base: string; paths: readonly string[] }[]): readonly SourceFile[] => {
  const base = commonDirectory(matches.map((match) => match.base));
  const paths = [...new Set(matches.flatMap((match) => match.paths))];
  const files = paths.map((path) => ({ path, name: relative(base, path).split(sep).join("/") }));
  return files.sort((a, b) => byCodeUnit(a.name, b.name));
};

const commonDirectory = (directories: readonly string[]): string => {
  const [parts = [], ...others] = directories.map((directory) => directory.split(sep));
  const differs = parts.findIndex((part, index) => others.some((other) => other[index] !== part));
  const common = (differs < 0 ? parts : parts.slice(0, differs)).join(sep);
  return common === "" ? sep : common;
};
