import { basename, dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { DiskFull, FileTrouble } from "../base/failure.ts";
import { asker, itemPaths, type Ask } from "./ask.ts";
import { parseGrammar, type Grammar } from "./grammar.ts";
import { valueAt } from "./fault.ts";
import { noteValue, type Path } from "./locate.ts";
import { sourcesPath } from "./rules.ts";
import { pipelineSchema, sourceSchema } from "./schema.ts";
import { matchGlob, namedFiles } from "./source-files.ts";
import { nearest } from "./words.ts";
import type { SourceFile } from "./pipeline.ts";
import type { Reader } from "./reader.ts";
import type { Sheet } from "./sheet.ts";

/** What the files named in a pipeline turned out to be, as far as the pipeline names them rightly. */
export interface Found {
  /** By the place of the source in the list. */
  readonly files: ReadonlyMap<number, readonly SourceFile[]>;
  /** By absolute path. */
  readonly grammars: ReadonlyMap<string, Grammar>;
  /** Problems in the pipeline file. */
  readonly notes: readonly Diagnostic[];
  /** Problems inside prompt grammars, grammar by grammar. */
  readonly grammarNotes: readonly Diagnostic[];
}

interface Search {
  readonly sheet: Sheet;
  readonly ask: Ask;
  readonly reader: Reader;
  /** Absolute folder of the pipeline file, from which its paths count. */
  readonly folder: string;
  readonly files: Map<number, readonly SourceFile[]>;
  readonly grammars: Map<string, Grammar>;
  readonly read: Set<string>;
  readonly notes: Diagnostic[];
  readonly grammarNotes: Diagnostic[];
}

/** Looks for every file that a pipeline file names. */
export const findFiles = async (sheet: Sheet, reader: Reader): Promise<Found> => {
  const search: Search = {
    sheet,
    ask: asker(sheet, pipelineSchema),
    reader,
    folder: dirname(resolve(sheet.file)),
    files: new Map(),
    grammars: new Map(),
    read: new Set(),
    notes: [],
    grammarNotes: [],
  };
  await findModel(search);
  // One after the other, so that the order of diagnostics does not depend on the disk.
  for (const [index, path] of itemPaths(sheet, sourcesPath).entries()) {
    await findTexts(search, index, [...path, "files"]);
    await findGrammar(search, [...path, "prompts"]);
  }
  return search;
};

const findModel = async (search: Search): Promise<void> => {
  const written = search.ask(pipelineSchema.shape.model, ["model"]);
  if (written !== undefined) await isFile(search, ["model"], written);
};

/** Notes a path that is no file. */
const isFile = async (search: Search, path: Path, written: string): Promise<boolean> => {
  const absolute = resolve(search.folder, written);
  const kind = await search.reader.kind(absolute);
  if (kind === "file") return true;
  const message =
    kind === "directory" ? `\`${written}\` is a directory, not a file` : `there is no file \`${written}\``;
  const help = kind === "directory" ? "name the file in it" : await neighbour(search.reader, written, absolute);
  search.notes.push(noteValue(search.sheet, path, message, { help }));
  return false;
};

/** A file with nearly the name that was written, or else where the file was looked for. */
const neighbour = async (reader: Reader, written: string, absolute: string): Promise<string> => {
  if (/^[a-z]{2,}:/i.test(written)) return "download the model first and give the path of the file";
  const folder = dirname(absolute);
  if ((await reader.kind(folder)) !== "directory") return `there is no directory \`${folder}\``;
  const names = (await reader.glob("*", folder)).map((path) => basename(path));
  const near = nearest(basename(absolute), names);
  if (near === undefined) return `looked for \`${absolute}\``;
  return `did you mean \`${written.slice(0, written.length - basename(absolute).length)}${near}\`?`;
};

const findTexts = async (search: Search, index: number, path: Path): Promise<void> => {
  const written = search.ask(sourceSchema.shape.files, path);
  if (written === undefined) return;
  const globs = typeof written === "string" ? [{ glob: written, at: path }] : each(written, path);
  const matches = [];
  for (const { glob, at } of globs) {
    const match = await matchGlob(search.reader, glob, search.folder);
    if ("paths" in match) matches.push(match);
    else search.notes.push(noteValue(search.sheet, at, `\`${glob}\` matches no file`, { help: match.help }));
  }
  search.files.set(index, namedFiles(matches));
};

const each = (globs: readonly string[], path: Path) => globs.map((glob, item) => ({ glob, at: [...path, item] }));

const findGrammar = async (search: Search, path: Path): Promise<void> => {
  const written = search.ask(sourceSchema.shape.prompts, path);
  if (written === undefined || valueAt(search.sheet.value, path) === undefined) return;
  if (!(await isFile(search, path, written))) return;
  const absolute = resolve(search.folder, written);
  if (search.read.has(absolute)) return;
  search.read.add(absolute);
  const text = await search.reader.readText(absolute);
  if (text.ok) readGrammar(search, written, text.value);
  else search.notes.push(noteValue(search.sheet, path, `\`${written}\` cannot be read: ${troubleName(text.error)}`));
};

const readGrammar = (search: Search, written: string, text: string): void => {
  const absolute = resolve(search.folder, written);
  // Named as the pipeline file was, so that both show up alike.
  const shown = written === absolute ? absolute : join(dirname(search.sheet.file), written);
  const { grammar, notes } = parseGrammar(shown, text);
  search.grammarNotes.push(...notes);
  if (grammar !== undefined) search.grammars.set(absolute, grammar);
};

const troubleName = (trouble: FileTrouble | DiskFull): string =>
  trouble.reason === "file-trouble" ? trouble.code : "the disk is full";
