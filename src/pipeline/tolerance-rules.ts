import type { Diagnostic } from "../base/diagnostic.ts";
import { surelyAbsent } from "./ask.ts";
import { valueAt } from "./fault.ts";
import { allDomains, gatedDomains, namesDomains, sourceDomains, tolerancePath } from "./gated-domains.ts";
import { keySpot, noteKey, noteValue, writtenKeys, type Path } from "./locate.ts";
import { usualConfidence } from "./presets.ts";
import { percentText } from "./quantities.ts";
import type { Rule, Subject } from "./rule.ts";
import { pipelineSchema } from "./schema.ts";
import { boundKeys, isByDomain, isCustom, isMapping } from "./tolerance-form.ts";
import { boundsSchema, domainToleranceSchema } from "./tolerance-schema.ts";
import { listed } from "./words.ts";

const within = (key: string): Path => [...tolerancePath, key];

const isBound = (key: string): key is (typeof boundKeys)[number] => (boundKeys as readonly string[]).includes(key);

/** Keys of bounds for all domains that are domains: they belong into a tolerance by domain. */
export const mixedKeys = (subject: Subject): readonly string[] => {
  if (!isCustom(valueAt(subject.sheet.value, tolerancePath))) return [];
  const known = allDomains(subject);
  return writtenKeys(subject.sheet, tolerancePath).filter((key) => !isBound(key) && known.has(key));
};

/** Bounds that are written as if they were the domain of that name. */
const clashingKeys = (subject: Subject): readonly string[] => {
  const { sheet, ask } = subject;
  if (!isCustom(valueAt(sheet.value, tolerancePath))) return [];
  const known = allDomains(subject);
  const isMixed = mixedKeys(subject).length > 0;
  return writtenKeys(sheet, tolerancePath).filter((key) => {
    if (!isBound(key) || !known.has(key)) return false;
    const isRight = ask(boundsSchema.shape[key], within(key)) !== undefined;
    return isMixed || (!isRight && ask(domainToleranceSchema, within(key)) !== undefined);
  });
};

/** Keys of a tolerance that have no place there, of which a rule says so: what their values are does not matter. */
export const strayToleranceKeys = (subject: Subject): readonly Path[] => {
  const { sheet } = subject;
  if (!isByDomain(valueAt(sheet.value, tolerancePath)))
    return [...mixedKeys(subject), ...clashingKeys(subject)].map(within);
  const known = namesDomains(sheet) ? gatedDomains(subject)?.map(({ domain }) => domain) : sourceDomains(subject);
  const right = new Set(known);
  const keys = known === undefined ? [] : writtenKeys(sheet, tolerancePath).filter((key) => !right.has(key));
  return keys.map(within);
};

const aToleranceIsForAllOrByDomain: Rule = (subject) => {
  const { sheet } = subject;
  const clashing = clashingKeys(subject);
  const [first] = mixedKeys(subject);
  if (clashing.length > 0 || first === undefined) return clashing.map((key) => clash(subject, key));
  const bounds = writtenKeys(sheet, tolerancePath).filter(isBound);
  const message = "a tolerance is either of bounds for all domains or by domain";
  const help = `put ${listed(bounds)} into the tolerance of a domain, or take \`${first}\` out`;
  const related = bounds.map((key) => ({
    message: `\`${key}\` is a bound`,
    location: keySpot(sheet, within(key)).location,
  }));
  return [noteKey(sheet, within(first), message, { help, related })];
};

const clash = ({ sheet }: Subject, key: string): Diagnostic => {
  const message = `the domain \`${key}\` can have no tolerance of its own, because \`${key}\` is the name of a bound`;
  return noteKey(sheet, within(key), message, { help: "give the domain another name" });
};

/** The tolerances that are mappings of bounds. */
const customPaths = (subject: Subject): readonly Path[] => {
  const { sheet } = subject;
  const value = valueAt(sheet.value, tolerancePath);
  if (isCustom(value)) return clashingKeys(subject).length === 0 ? [tolerancePath] : [];
  return rightDomains(subject)
    .map(within)
    .filter((path) => isMapping(valueAt(sheet.value, path)));
};

/** The domains of a tolerance by domain that have a place there. */
const rightDomains = (subject: Subject): readonly string[] => {
  const { sheet } = subject;
  if (!isByDomain(valueAt(sheet.value, tolerancePath))) return [];
  const stray = new Set(strayToleranceKeys(subject).map((path) => path.at(-1)));
  return writtenKeys(sheet, tolerancePath).filter((key) => !stray.has(key));
};

const aToleranceHasOneBoundOfPerplexity: Rule = (subject) =>
  customPaths(subject).flatMap((path) => boundsOfPerplexity(subject, path));

const boundsOfPerplexity = ({ sheet }: Subject, path: Path): readonly Diagnostic[] => {
  const [first, second] = writtenKeys(sheet, path).filter((key) => key === "ppl" || key === "ppl-delta");
  if (first !== undefined && second !== undefined) {
    const location = keySpot(sheet, [...path, first]).location;
    const related = [{ message: `\`${first}\` is given here`, location }];
    const message = `a tolerance has either \`${first}\` or \`${second}\``;
    return [noteKey(sheet, [...path, second], message, { help: "keep the one that is meant", related })];
  }
  const lacks = first === undefined && surelyAbsent(sheet, pipelineSchema, [...path, "ppl"]);
  return lacks ? [boundless(sheet, path)] : [];
};

const boundless = (sheet: Subject["sheet"], path: Path): Diagnostic => {
  const owner = path.length === tolerancePath.length ? "the tolerance" : `the tolerance of \`${String(path.at(-1))}\``;
  const help = "perplexity may rise by a part, such as `ppl: 3%`, or by so much, such as `ppl-delta: 0.05`";
  return noteKey(sheet, [...path, "ppl"], `${owner} lacks \`ppl\` or \`ppl-delta\``, { help });
};

interface Confidence {
  readonly value: number;
  readonly path: Path;
}

const allDomainsHaveOneConfidence: Rule = (subject) => {
  const each = rightDomains(subject).flatMap((domain) => confidenceOf(subject, within(domain)));
  const values = [...new Set(each.map(({ value }) => value))];
  const [first] = each;
  if (first === undefined || values.length < 2) return [];
  const written = each.filter(({ path }) => valueAt(subject.sheet.value, path) !== undefined);
  const at = written.find(({ value }) => value !== first.value) ?? first;
  const message = `the domains have different confidences: ${listed(values.map(percentText))}`;
  const help =
    "it is one decision with one error rate: a choice must be inside the bounds of every domain, each held at the same level";
  return [noteValue(subject.sheet, at.path, message, { help })];
};

/** None when it is not known. */
const confidenceOf = ({ sheet, ask }: Subject, domain: Path): readonly Confidence[] => {
  const path = [...domain, "confidence"];
  const isOwn = isMapping(valueAt(sheet.value, domain));
  const value = isOwn
    ? ask(boundsSchema.shape.confidence, path)
    : ask(domainToleranceSchema, domain) && usualConfidence;
  return value === undefined ? [] : [{ value, path }];
};

/** Sentences about tolerances, in no order. */
export const toleranceRules: readonly Rule[] = [
  aToleranceIsForAllOrByDomain,
  aToleranceHasOneBoundOfPerplexity,
  allDomainsHaveOneConfidence,
];
