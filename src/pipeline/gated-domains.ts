import { itemPaths, surelyAbsent } from "./ask.ts";
import { valueAt } from "./fault.ts";
import { keySpot, noteKey, noteValue, valueSpot, writtenKeys, type Path, type Spot } from "./locate.ts";
import { sourcesPath, type Subject } from "./rule.ts";
import { pipelineSchema } from "./schema.ts";
import { sourceSchema } from "./source-schema.ts";
import { isByDomain } from "./tolerance-form.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { NoteExtras } from "./note.ts";
import type { Sheet } from "./sheet.ts";

/** A domain whose held-out text decides, and where the file names it. */
export interface GatedDomain {
  readonly domain: string;
  readonly path: Path;
  /** Whether it is named by a key, of a tolerance by domain, and not by a value. */
  readonly isKey: boolean;
}

export const domainPath: Path = ["validate", "domain"];
export const tolerancePath: Path = ["select", "tolerance"];

const domainSchema = pipelineSchema.shape.validate.unwrap().shape.domain;

/** The gated domains in the order in which they are written, each once; undefined when that is not known. */
export const gatedDomains = (subject: Subject): readonly GatedDomain[] | undefined => {
  const seen = new Set<string>();
  return namedDomains(subject)?.filter(({ domain }) => seen.size < seen.add(domain).size);
};

/** The same with every repetition. */
export const namedDomains = (subject: Subject): readonly GatedDomain[] | undefined => {
  const { sheet } = subject;
  if (namesDomains(sheet)) return domainsOfValidation(subject);
  return isByDomain(valueAt(sheet.value, tolerancePath)) ? domainsOfTolerance(sheet) : undefined;
};

/** Whether `validate` names domains, or has a key that may be meant for that. */
export const namesDomains = (sheet: Sheet): boolean => !surelyAbsent(sheet, pipelineSchema, domainPath);

const domainsOfValidation = ({ ask }: Subject): readonly GatedDomain[] | undefined => {
  const written = ask(domainSchema, domainPath);
  if (typeof written === "string") return [{ domain: written, path: domainPath, isKey: false }];
  return written?.map((domain, index) => ({ domain, path: [...domainPath, index], isKey: false }));
};

const domainsOfTolerance = (sheet: Sheet): readonly GatedDomain[] =>
  writtenKeys(sheet, tolerancePath).map((domain) => ({ domain, path: [...tolerancePath, domain], isKey: true }));

/** The domains of the sources, each once; undefined when a source does not say its own rightly, or there is none. */
export const sourceDomains = (subject: Subject): readonly string[] | undefined => {
  const sources = itemPaths(subject.sheet, sourcesPath);
  const known = knownDomains(subject);
  return sources.length === 0 || known.some((domain) => domain === undefined) ? undefined : defined(known);
};

/** Every name that is known to be a domain, of a source or to be validated. */
export const allDomains = (subject: Subject): ReadonlySet<string> => {
  const gated = namesDomains(subject.sheet) ? (gatedDomains(subject) ?? []) : [];
  return new Set([...defined(knownDomains(subject)), ...gated.map(({ domain }) => domain)]);
};

/** The domains of the sources, each once; undefined stands for those that are not given rightly. */
const knownDomains = ({ sheet, ask }: Subject): readonly (string | undefined)[] => [
  ...new Set(itemPaths(sheet, sourcesPath).map((path) => ask(sourceSchema.shape.domain, [...path, "domain"]))),
];

const defined = <T>(values: readonly (T | undefined)[]): readonly T[] => values.filter((value) => value !== undefined);

/** The place where a gated domain is named. */
export const domainSpot = (sheet: Sheet, { path, isKey }: GatedDomain): Spot =>
  isKey ? keySpot(sheet, path) : valueSpot(sheet, path);

/** A diagnostic on a gated domain. */
export const noteDomain = (sheet: Sheet, gated: GatedDomain, message: string, extras: NoteExtras = {}): Diagnostic =>
  (gated.isKey ? noteKey : noteValue)(sheet, gated.path, message, extras);
