import { dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { DiskFull, Failure, FileTrouble } from "../base/failure.ts";
import { asker, itemPaths } from "./ask.ts";
import { valueAt } from "./fault.ts";
import { formatByName, hasFields } from "./formats.ts";
import { findDataset } from "./found-dataset.ts";
import { findGlobs } from "./found-files.ts";
import { findModel, type FoundModel } from "./found-model.ts";
import { findTree, usualRevision } from "./found-git.ts";
import { parseGrammar, type Grammar } from "./grammar.ts";
import { noteKey, noteValue, type Path } from "./locate.ts";
import type { HubDataset, SourceFile } from "./pipeline.ts";
import type { Reader } from "./reader.ts";
import { sourcesPath } from "./rule.ts";
import { pipelineSchema } from "./schema.ts";
import { isThere, type Search } from "./search.ts";
import type { Sheet } from "./sheet.ts";
import { formatOf, kindOf } from "./source-kind.ts";
import { sourceSchema } from "./source-schema.ts";

/** What the files named in a pipeline turned out to be, as far as the pipeline names them rightly. */
export interface Found {
  /** By the place of the source in the list. */
  readonly sources: ReadonlyMap<number, FoundSource>;
  /** Absent where it is not there. */
  readonly model?: FoundModel;
  /** By absolute path. */
  readonly grammars: ReadonlyMap<string, Grammar>;
  /** Problems in the pipeline file. */
  readonly notes: readonly Diagnostic[];
  /** Problems inside prompt grammars, grammar by grammar. */
  readonly grammarNotes: readonly Diagnostic[];
}

/** What is missing was not asked for, or is not right. */
export interface FoundSource {
  /** Files of texts or chats. */
  readonly files?: readonly SourceFile[];
  /** Files that a command reads. */
  readonly inputs?: readonly SourceFile[];
  /** Tree of a git source. */
  readonly tree?: string;
  readonly dataset?: HubDataset;
  /** Why the dataset could not be looked up. */
  readonly failure?: Failure;
}

interface SearchAll extends Search {
  readonly grammars: Map<string, Grammar>;
  readonly read: Set<string>;
  readonly grammarNotes: Diagnostic[];
}

const source = sourceSchema.shape;

/** Looks for everything that a pipeline file names. */
export const findFiles = async (sheet: Sheet, reader: Reader): Promise<Found> => {
  const search: SearchAll = {
    sheet,
    ask: asker(sheet, pipelineSchema),
    reader,
    folder: dirname(resolve(sheet.file)),
    grammars: new Map(),
    read: new Set(),
    notes: [],
    grammarNotes: [],
  };
  const model = await findModel(search);
  const imported = search.ask(pipelineSchema.shape.imatrix.unwrap().shape.import, ["imatrix", "import"]);
  if (imported !== undefined) await isThere(search, "file", ["imatrix", "import"], imported);
  const sources = new Map<number, FoundSource>();
  // One after the other, so that the order of diagnostics does not depend on the disk.
  for (const [index, path] of itemPaths(sheet, sourcesPath).entries())
    sources.set(index, await findSource(search, path));
  return { ...search, sources, ...(model === undefined ? {} : { model }) };
};

const findSource = async (search: SearchAll, path: Path): Promise<FoundSource> => {
  const texts = await globsAt(search, [...path, "files"], source.files);
  if (texts !== undefined) fieldsFitNames(search, path, texts);
  await findGrammar(search, [...path, "prompts"]);
  const tree = await findRepository(search, path);
  const dataset = await findDataset(search, path);
  const chats = await globsAt(search, [...path, "chats"], source.chats);
  // A key of another kind is a problem itself; what it names is none.
  const kind = kindOf(search.sheet, path);
  if (kind === "chats") await findTemplate(search, [...path, "template"]);
  if (kind === "command") await findProgram(search, [...path, "command"]);
  const inputs = kind === "command" ? await globsAt(search, [...path, "inputs"], source.inputs) : undefined;
  const files = texts ?? chats;
  return {
    ...(files === undefined ? {} : { files }),
    ...(inputs === undefined ? {} : { inputs }),
    ...(tree === undefined ? {} : { tree }),
    ...dataset,
  };
};

const globsAt = async (search: Search, path: Path, schema: typeof source.files) => {
  const written = search.ask(schema, path);
  return written === undefined ? undefined : findGlobs(search, written, path);
};

/** Where the names say that all files are plain text, a field would be passed over in silence. */
const fieldsFitNames = (search: Search, path: Path, files: readonly SourceFile[]): void => {
  if (kindOf(search.sheet, path) !== "files" || formatOf(search, path)?.format !== "auto") return;
  if (files.some(({ name }) => hasFields(formatByName(name).format))) return;
  for (const key of ["field", "group"]) {
    if (valueAt(search.sheet.value, [...path, key]) === undefined) continue;
    const message = `\`${key}\` makes no sense here: by their names, all the files are plain text`;
    search.notes.push(
      noteKey(search.sheet, [...path, key], message, { help: "say what they are: `format: jsonl` or `csv`" }),
    );
  }
};

const findRepository = async (search: Search, path: Path): Promise<string | undefined> => {
  const [git, revision] = [
    [...path, "git"],
    [...path, "revision"],
  ];
  const repository = search.ask(source.git, git);
  const given = valueAt(search.sheet.value, revision) !== undefined;
  const name = given ? search.ask(source.revision, revision) : usualRevision;
  if (repository === undefined || name === undefined) return undefined;
  return findTree(search, {
    repository: { written: repository, at: git },
    revision: { written: name, at: given ? revision : git },
  });
};

const findTemplate = async (search: Search, path: Path): Promise<void> => {
  const written = search.ask(source.template, path);
  if (written !== undefined) await isThere(search, "file", path, written);
};

/** A program with a `/` in its name is a path; any other is looked up when it is run. */
const findProgram = async (search: Search, path: Path): Promise<void> => {
  const program = search.ask(source.command, path)?.[0];
  if (program?.includes("/") === true) await isThere(search, "file", [...path, 0], program);
};

const findGrammar = async (search: SearchAll, path: Path): Promise<void> => {
  const written = search.ask(source.prompts, path);
  if (written === undefined || !(await isThere(search, "file", path, written))) return;
  const absolute = resolve(search.folder, written);
  if (search.read.has(absolute)) return;
  search.read.add(absolute);
  const text = await search.reader.readText(absolute);
  if (text.ok) readGrammar(search, written, text.value);
  else search.notes.push(noteValue(search.sheet, path, `\`${written}\` cannot be read: ${troubleName(text.error)}`));
};

const readGrammar = (search: SearchAll, written: string, text: string): void => {
  const absolute = resolve(search.folder, written);
  // Named as the pipeline file was, so that both show up alike.
  const shown = written === absolute ? absolute : join(dirname(search.sheet.file), written);
  const { grammar, notes } = parseGrammar(shown, text);
  search.grammarNotes.push(...notes);
  if (grammar !== undefined) search.grammars.set(absolute, grammar);
};

const troubleName = (trouble: FileTrouble | DiskFull): string =>
  trouble.reason === "file-trouble" ? trouble.code : "the disk is full";
