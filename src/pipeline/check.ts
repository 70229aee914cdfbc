import type * as z from "zod";
import type { Diagnostic } from "../base/diagnostic.ts";
import { faultsOf, valueAt, type Fault } from "./fault.ts";
import { noteKey, noteValue, writtenText, type Path } from "./locate.ts";
import { mappingName, ownerName, valueName } from "./naming.ts";
import { overlap } from "./note.ts";
import { allKeys, shapeAt } from "./shape.ts";
import { excerpt, listed, nearest } from "./words.ts";
import type { Sheet } from "./sheet.ts";

/** A sheet's value in the schema's terms when it fits, and every place where it does not, in no order. */
export interface Checked<T> {
  readonly value?: T;
  readonly notes: readonly Diagnostic[];
}

/** Holds a sheet against a schema whose errors complete "must be …" (see `leaf`). */
export const check = <S extends z.ZodType>(sheet: Sheet, schema: S): Checked<z.output<S>> => {
  const parsed = schema.safeParse(sheet.value);
  if (parsed.success) return { value: parsed.data, notes: [] };
  return { notes: faultNotes({ sheet, schema }, faultsOf(parsed.error.issues, sheet.value)) };
};

/** Leaves out notes on places that `known` notes already cover: one problem is told once. */
export const withoutEchoes = (notes: readonly Diagnostic[], known: readonly Diagnostic[]): readonly Diagnostic[] =>
  notes.filter((note) => !known.some((other) => other.severity === "error" && overlap(other.location, note.location)));

interface Subject {
  readonly sheet: Sheet;
  readonly schema: z.ZodType;
}

const faultNotes = (subject: Subject, faults: readonly Fault[]): readonly Diagnostic[] => {
  const missing = new Set(faults.filter((fault) => fault.kind === "missing"));
  const notes: Diagnostic[] = [];
  for (const [parent, unknown] of byParent(faults.filter((fault) => fault.kind === "unknown-key"))) {
    if (isForeign(subject, parent, unknown, missing)) notes.push(foreign(subject, parent, unknown, missing));
    else for (const fault of unknown) notes.push(unknownKey(subject, fault, missing));
  }
  for (const fault of missing) notes.push(missingKey(subject.sheet, subject.schema, fault));
  for (const fault of faults) if (fault.kind === "value") notes.push(wrongValue(subject.sheet, fault));
  return notes;
};

const byParent = (faults: readonly Fault[]): ReadonlyMap<Path, readonly Fault[]> => {
  const groups = new Map<string, { path: Path; faults: Fault[] }>();
  for (const fault of faults) {
    const path = fault.path.slice(0, -1);
    const group = groups.get(JSON.stringify(path)) ?? { path, faults: [] };
    group.faults.push(fault);
    groups.set(JSON.stringify(path), group);
  }
  return new Map([...groups.values()].map((group) => [group.path, group.faults]));
};

/** Whether a mapping is something else altogether: it lacks required keys and has not one key that was meant. */
const isForeign = (subject: Subject, parent: Path, unknown: readonly Fault[], missing: ReadonlySet<Fault>): boolean => {
  const keys = shapeAt(subject.schema, parent)?.keys ?? [];
  const known = keys.some((key) => valueAt(subject.sheet.value, [...parent, key]) !== undefined);
  const lacking = [...missing].some((fault) => samePath(fault.path.slice(0, -1), parent));
  return lacking && !known && unknown.every((fault) => nearest(lastName(fault.path), keys) === undefined);
};

/** One note for such a mapping, instead of one for each key that it has or lacks. */
const foreign = ({ sheet }: Subject, parent: Path, unknown: readonly Fault[], missing: Set<Fault>): Diagnostic => {
  for (const fault of missing) if (samePath(fault.path.slice(0, -1), parent)) missing.delete(fault);
  const first = unknown[0];
  if (first === undefined) throw new Error("Internal error: a foreign mapping without keys");
  const not = `a mapping with ${listed(unknown.slice(0, 3).map((fault) => excerpt(lastName(fault.path))))}`;
  return noteKey(sheet, first.path, `${valueName(parent)} must be ${first.must}, not ${not}`);
};

/** A key that is not known. When it is a missing one misspelt, both are one problem, and the second is taken out. */
const unknownKey = (subject: Subject, fault: Fault, missing: Set<Fault>): Diagnostic => {
  const { sheet, schema } = subject;
  const parent = fault.path.slice(0, -1);
  const key = lastName(fault.path);
  const keys = shapeAt(schema, parent)?.keys ?? [];
  const near = nearest(
    key,
    keys.filter((candidate) => valueAt(sheet.value, [...parent, candidate]) === undefined),
  );
  for (const other of missing) if (samePath(other.path, [...parent, near ?? ""])) missing.delete(other);
  const help = near === undefined ? elsewhere(schema, key, keys) : `did you mean \`${near}\`?`;
  return noteKey(sheet, fault.path, `\`${excerpt(key)}\` is not a key of ${mappingName(schema, parent, "a")}`, {
    help,
  });
};

const elsewhere = (schema: z.ZodType, key: string, keys: readonly string[]): string => {
  const owners = allKeys(schema).filter((entry) => entry.key === key);
  const home = owners.map(({ path }) => mappingName(schema, path, "a")).join(" or ");
  return owners.length > 0 ? `\`${key}\` is a key of ${home}` : `the keys here are ${listed(keys)}`;
};

const missingKey = (sheet: Sheet, schema: z.ZodType, fault: Fault): Diagnostic => {
  const parent = fault.path.slice(0, -1);
  const owner = ownerName(sheet, schema, parent);
  return noteKey(sheet, fault.path, `${owner} lacks \`${lastName(fault.path)}\``, { help: `it must be ${fault.must}` });
};

const wrongValue = (sheet: Sheet, fault: Fault): Diagnostic => {
  const extras = fault.help === undefined ? {} : { help: fault.help };
  const label = valueName(fault.path);
  if (fault.sentence !== undefined) return noteValue(sheet, fault.path, fault.sentence, extras);
  if (fault.found === null)
    return noteValue(sheet, fault.path, `${label} has no value`, { help: `it must be ${fault.must}` });
  if (fault.empty) return noteValue(sheet, fault.path, `${label} is empty`, { help: fault.must });
  const not = foundName(sheet, fault);
  return noteValue(sheet, fault.path, `${label} must be ${fault.must}, not ${not}`, {
    ...quoting(sheet, fault),
    ...extras,
  });
};

/** `005` or `yes` written where text is wanted: quotes make it text. */
const quoting = (sheet: Sheet, fault: Fault): { readonly help?: string } => {
  const text = writtenText(sheet, fault.path);
  const single = typeof fault.found === "number" || typeof fault.found === "boolean";
  return fault.wantsText && single && text !== undefined ? { help: `put it in quotes: \`"${text}"\`` } : {};
};

const foundName = (sheet: Sheet, { path, found }: Fault): string => {
  if (Array.isArray(found)) return found.length === 0 ? "an empty list" : "a list";
  if (typeof found === "object") return "a mapping";
  const text = writtenText(sheet, path) ?? "";
  return text.trim() === "" ? "an empty text" : `\`${excerpt(text)}\``;
};

const lastName = (path: Path): string => String(path.at(-1));

const samePath = (a: Path, b: Path): boolean => a.length === b.length && a.every((step, index) => step === b[index]);
