import { basename, dirname, resolve } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import { noteValue, type Path } from "./locate.ts";
import { oddWords } from "./odd.ts";
import type { Reader } from "./reader.ts";
import type { Subject } from "./rule.ts";
import { nearest } from "./words.ts";

/** A look at the disk for what one pipeline file names. */
export interface Search extends Subject {
  readonly reader: Reader;
  /** Absolute folder of the pipeline file, from which its paths count. */
  readonly folder: string;
  readonly notes: Diagnostic[];
}

/** Whether what is wanted lies at a path; what does not is noted. */
export const isThere = async (
  search: Search,
  wanted: "file" | "directory",
  path: Path,
  written: string,
): Promise<boolean> => {
  const absolute = resolve(search.folder, written);
  const kind = await search.reader.kind(absolute);
  if (kind === wanted) return true;
  const wrong = { file: "a file, not a directory", directory: "a directory, not a file" };
  if (kind === "missing") {
    const help = await neighbour(search.reader, written, absolute);
    search.notes.push(noteValue(search.sheet, path, `there is no ${wanted} \`${written}\``, { help }));
  } else if (kind === "file" || kind === "directory") {
    const help = wanted === "file" ? "name the file in it" : "name the directory of the repository";
    search.notes.push(noteValue(search.sheet, path, `\`${written}\` is ${wrong[kind]}`, { help }));
  } else {
    search.notes.push(noteValue(search.sheet, path, `\`${written}\` is ${oddWords[kind].is}`));
  }
  return false;
};

/** A file with nearly the name that was written, or else where it was looked for. */
const neighbour = async (reader: Reader, written: string, absolute: string): Promise<string> => {
  if (/^[a-z]{2,}:/i.test(written)) return "download it first and give the path of the file";
  const folder = dirname(absolute);
  if ((await reader.kind(folder)) !== "directory") return `there is no directory \`${folder}\``;
  const names = (await reader.glob("*", folder)).files.map(({ path }) => basename(path));
  const near = nearest(basename(absolute), names);
  if (near === undefined) return `looked for \`${absolute}\``;
  return `did you mean \`${written.slice(0, written.length - basename(absolute).length)}${near}\`?`;
};
