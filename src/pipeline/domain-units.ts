import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import { fewestUnits } from "../base/looks.ts";
import { asker, itemPaths } from "./ask.ts";
import { valueAt } from "./fault.ts";
import { formatByName } from "./formats.ts";
import type { Found } from "./found.ts";
import { gatedDomains, noteDomain, type GatedDomain } from "./gated-domains.ts";
import { noteValue, type Path } from "./locate.ts";
import type { SourceFile } from "./pipeline.ts";
import type { Reader } from "./reader.ts";
import { sourcesPath, type Subject } from "./rule.ts";
import { pipelineSchema } from "./schema.ts";
import type { Sheet } from "./sheet.ts";
import { formatOf, kindOf } from "./source-kind.ts";
import { sourceSchema } from "./source-schema.ts";
import { writtenUnit } from "./unit.ts";

const { validate, corpus } = pipelineSchema.shape;

/** What the file asks of each gated domain. */
interface Wanted {
  /** Tokens in a unit. */
  readonly unit: number;
  readonly holdout: number;
  readonly search: number;
  /** Characters of the shortest document. */
  readonly minLength: number;
}

/**
 * Notes each gated domain whose text cannot fill the units asked of it. Only what is certain counts, so that no pipeline
 * that would run is refused: where a source may hold any amount of text, as records may, nothing is said.
 */
export const unitNotes = async (sheet: Sheet, found: Found, reader: Reader): Promise<readonly Diagnostic[]> => {
  const subject: Subject = { sheet, ask: asker(sheet, pipelineSchema) };
  const wanted = wantedUnits(subject);
  if (wanted === undefined) return [];
  const notes: Diagnostic[] = [];
  for (const gated of gatedDomains(subject) ?? []) {
    const files = plainFiles(subject, found, gated.domain);
    const most = files === undefined ? Infinity : await mostUnits(files, wanted, reader);
    if (most < wanted.holdout + wanted.search) notes.push(tooLittle(sheet, gated, wanted, most));
  }
  return notes;
};

const wantedUnits = (subject: Subject): Wanted | undefined => {
  const { ask } = subject;
  const unit = writtenUnit(subject);
  const holdout = ask(validate.unwrap().shape.units, ["validate", "units"]);
  const search = ask(corpus.shape.split.unwrap().shape.search, ["corpus", "split", "search"]);
  const minLength = ask(corpus.shape.hygiene.unwrap().shape["min-length"], ["corpus", "hygiene", "min-length"]);
  if (unit === undefined || holdout === undefined || search === undefined || minLength === undefined) return undefined;
  return { unit, holdout, search, minLength };
};

/** The files of a domain when they are all the text it has, each one document; undefined when that is not certain. */
const plainFiles = (subject: Subject, found: Found, domain: string): readonly SourceFile[] | undefined => {
  const files: (readonly SourceFile[])[] = [];
  for (const [index, path] of itemPaths(subject.sheet, sourcesPath).entries()) {
    const own = subject.ask(sourceSchema.shape.domain, [...path, "domain"]);
    const some = own === domain ? documentsOf(subject, found, index, path) : [];
    if (own === undefined || some === undefined) return undefined;
    if (own === domain) files.push(some);
  }
  // That a domain has no source at all is a rule of its own.
  return files.length === 0 ? undefined : files.flat();
};

const documentsOf = (subject: Subject, found: Found, index: number, path: Path): readonly SourceFile[] | undefined => {
  const kind = kindOf(subject.sheet, path);
  if (kind === "prompts") return isNeverHeldOut(subject, found, path) ? [] : undefined;
  const files = kind === "files" ? found.sources.get(index)?.files : undefined;
  const format = formatOf(subject, path)?.format;
  if (files === undefined || (format !== "auto" && format !== "text")) return undefined;
  return files.every(({ name }) => isPlain(name, format)) ? files : undefined;
};

const isPlain = (name: string, format: "auto" | "text"): boolean => {
  const named = formatByName(name);
  return !named.compressed && (format === "text" || named.format === "text");
};

/** Of fewer templates than this none can be held out (see `canHoldOut` in the room of the corpus). */
const fewestTemplates = 10;

const isNeverHeldOut = ({ sheet, ask }: Subject, { grammars }: Found, path: Path): boolean => {
  const written = ask(sourceSchema.shape.prompts, [...path, "prompts"]);
  const grammar = written === undefined ? undefined : grammars.get(resolve(dirname(resolve(sheet.file)), written));
  return grammar !== undefined && grammar.templates.length < fewestTemplates;
};

/** A byte of a file becomes three at most: Unicode's composed form and the way from UTF-16 both can do that. */
const growth = 3;
/** Bytes, and so tokens, that a document may have beyond the end of its unit: a long word, and what parts documents. */
const overshoot = 68;
/** Bytes between two documents. */
const separator = 2;
const batch = 1000;

/** Units that files can fill at most, counted no further than what is wanted. A token has a byte at least. */
const mostUnits = async (files: readonly SourceFile[], wanted: Wanted, reader: Reader): Promise<number> => {
  const { unit, holdout, search, minLength } = wanted;
  let [documents, tokens, most] = [0, 0, 0];
  for (let at = 0; at < files.length && most < holdout + search; at += batch) {
    const sizes = await reader.sizes(files.slice(at, at + batch).map(({ path }) => path));
    for (const bytes of sizes.map((size) => size * growth)) {
      if (bytes === 0 || bytes < minLength) continue;
      documents += 1;
      tokens += Math.min(unit + overshoot, bytes + separator);
    }
    const filled = Math.floor(tokens / unit);
    // A document is cut at the end of its unit, so each unit begins with one of its own, unless an overshoot fills one.
    most = unit > overshoot ? Math.min(documents, filled) : filled;
  }
  return most;
};

const tooLittle = (sheet: Sheet, gated: GatedDomain, wanted: Wanted, most: number): Diagnostic => {
  const { unit, holdout, search } = wanted;
  const gives = `the text of domain \`${gated.domain}\` gives at most ${String(most)} units of ${String(unit)} tokens`;
  const add = "a document fills one unit at most: add documents to the domain";
  if (most < fewestUnits) {
    const message = `${gives}, and ${String(fewestUnits)} are needed`;
    return noteDomain(sheet, gated, message, { help: `${add}, or make \`unit\` shorter` });
  }
  const message = `${gives}, and ${String(holdout + search)} units are asked for`;
  const help = `${String(holdout)} are held out and ${String(search)} are for search; ${add}, or ask for fewer units`;
  const isWritten = valueAt(sheet.value, ["validate"]) !== undefined;
  return isWritten
    ? noteValue(sheet, ["validate", "units"], message, { help })
    : noteDomain(sheet, gated, message, { help });
};
