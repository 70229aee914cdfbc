import type { Diagnostic } from "../base/diagnostic.ts";
import { valueAt } from "./fault.ts";
import {
  domainPath,
  domainSpot,
  gatedDomains,
  namedDomains,
  namesDomains,
  noteDomain,
  sourceDomains,
  tolerancePath,
  type GatedDomain,
} from "./gated-domains.ts";
import { noteKey, writtenKeys } from "./locate.ts";
import { repeated, type Rule, type Subject } from "./rule.ts";
import { boundKeys, isByDomain, isCustom } from "./tolerance-form.ts";
import { mixedKeys } from "./tolerance-rules.ts";
import { excerpt, listed, nearest, suggestion } from "./words.ts";

/** Domains that a misspelt one is compared with: among thousands each would be compared with each. */
const mostCompared = 100;

const someListed = (domains: readonly string[]): string =>
  domains.length <= mostCompared
    ? listed(domains)
    : `${listed(domains.slice(0, mostCompared))}, and ${String(domains.length - mostCompared)} more`;

const someDomainIsGated: Rule = (subject) => {
  const { sheet } = subject;
  const tolerance = valueAt(sheet.value, tolerancePath);
  const isForAll = typeof tolerance === "string" || (isCustom(tolerance) && mixedKeys(subject).length === 0);
  if (!isForAll || namesDomains(sheet)) return [];
  const domain = sourceDomains(subject)?.[0] ?? "medical";
  const message = "`validate` lacks `domain`, and the tolerance names no domain either";
  const help = `one of the two must: write \`domain: ${domain}\`, or a tolerance by domain such as \`{ ${domain}: 3% }\``;
  return [noteKey(sheet, domainPath, message, { help })];
};

const eachGatedDomainIsNamedOnce: Rule = (subject) => {
  const named = new Map((namedDomains(subject) ?? []).map(({ path, domain }) => [path, domain]));
  return repeated(subject, [...named.keys()], (path) => named.get(path), "domain");
};

const everyGatedDomainHasASource: Rule = (subject) => {
  const known = sourceDomains(subject);
  if (known === undefined) return [];
  const strange = gatedDomains(subject)?.filter(({ domain }) => !known.includes(domain)) ?? [];
  return strange.map((gated) => noteDomain(subject.sheet, gated, ...sourceless(gated, known)));
};

const sourceless = ({ domain, isKey }: GatedDomain, known: readonly string[]) => {
  // A key may also be meant for a bound: `{ kdl: 0.1 }`.
  const candidates = [...known.slice(0, mostCompared), ...(isKey ? boundKeys : [])];
  const help = suggestion(domain, candidates, `the domains are ${someListed(known)}`);
  return [`no source has the domain \`${excerpt(domain)}\``, { help }] as const;
};

const aToleranceByDomainIsOfTheGatedDomains: Rule = (subject) => {
  const { sheet } = subject;
  const gated = isByDomain(valueAt(sheet.value, tolerancePath)) ? gatedDomains(subject) : undefined;
  if (gated === undefined) return [];
  const names = new Set(writtenKeys(sheet, tolerancePath));
  const missing = gated.filter(({ domain }) => !names.has(domain));
  for (const { domain } of gated) names.delete(domain);
  const candidates = [...missing.slice(0, mostCompared).map(({ domain }) => domain), ...boundKeys];
  const sources = sourceDomains(subject) ?? [];
  const extras = [...names].map((name) => ({
    name,
    isDomain: sources.includes(name),
    meant: sources.includes(name) ? undefined : nearest(name, candidates),
  }));
  return [
    ...extras.map((extra) => superfluous(subject, extra, gated)),
    ...reallyMissing(extras, gated, missing).map((each) => toleranceless(subject, each)),
  ];
};

/** What is missing and what is misspelt are one problem; and where no key is a domain, bounds for all were meant. */
const reallyMissing = (
  extras: readonly Extra[],
  gated: readonly GatedDomain[],
  missing: readonly GatedDomain[],
): readonly GatedDomain[] => {
  const meant = new Set(extras.map((extra) => extra.meant));
  const left = missing.filter(({ domain }) => !meant.has(domain));
  const isByDomainIndeed = left.length < gated.length || extras.some(({ isDomain }) => isDomain);
  return isByDomainIndeed ? left : [];
};

/** A key of a tolerance by domain that is no gated domain. */
interface Extra {
  readonly name: string;
  /** Whether sources have this domain all the same. */
  readonly isDomain: boolean;
  readonly meant: string | undefined;
}

const superfluous = (
  { sheet }: Subject,
  { name, isDomain, meant }: Extra,
  gated: readonly GatedDomain[],
): Diagnostic => {
  const validated = someListed(gated.map(({ domain }) => domain));
  const all = `the validated ${gated.length === 1 ? "domain is" : "domains are"} ${validated}`;
  const otherwise = isDomain
    ? "add it to `domain` of `validate`, or take it out here"
    : `${all}, and the keys of a tolerance are ${listed(boundKeys)}`;
  const message = `\`${excerpt(name)}\` is neither a validated domain nor a key of a tolerance`;
  const help = meant === undefined ? otherwise : `did you mean \`${meant}\`?`;
  return noteKey(sheet, [...tolerancePath, name], message, { help });
};

const toleranceless = ({ sheet }: Subject, gated: GatedDomain): Diagnostic => {
  const related = [{ message: "it is to be validated", location: domainSpot(sheet, gated).location }];
  const help = `give it one, such as \`${gated.domain}: 3%\``;
  return noteKey(sheet, tolerancePath, `the domain \`${gated.domain}\` has no tolerance`, { help, related });
};

/** Sentences about the domains that decide, in no order. */
export const domainRules: readonly Rule[] = [
  someDomainIsGated,
  eachGatedDomainIsNamedOnce,
  everyGatedDomainHasASource,
  aToleranceByDomainIsOfTheGatedDomains,
];
