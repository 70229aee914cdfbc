import type { Diagnostic } from "../base/diagnostic.ts";
import { itemPaths, surelyAbsent } from "./ask.ts";
import { valueAt } from "./fault.ts";
import { gatedDomains } from "./gated-domains.ts";
import { keySpot, noteKey, noteValue, valueSpot, type Path } from "./locate.ts";
import { ownerName } from "./naming.ts";
import { percentText } from "./quantities.ts";
import { sourcesPath, type Rule, type Subject } from "./rule.ts";
import { pipelineSchema } from "./schema.ts";
import { formatOf, kindOf, namedKinds, strayKeys } from "./source-kind.ts";
import { kindsOfKey, sourceKinds, type KindKey, type SourceKind } from "./source-kinds.ts";
import { sourceSchema } from "./source-schema.ts";
import { listed } from "./words.ts";

const source = sourceSchema.shape;

const perSource =
  (look: (subject: Subject, path: Path) => readonly Diagnostic[]): Rule =>
  (subject) =>
    itemPaths(subject.sheet, sourcesPath).flatMap((path) => look(subject, path));

const written = ({ sheet }: Subject, path: Path): boolean => valueAt(sheet.value, path) !== undefined;

const aSourceHasOneKind: Rule = (subject) => perSource(oneKind)(subject);

const oneKind = ({ sheet }: Subject, path: Path): readonly Diagnostic[] => {
  const [first, ...others] = namedKinds(sheet, path);
  if (first === undefined)
    return surelyAbsent(sheet, pipelineSchema, [...path, "files"]) ? [kindless(sheet, path)] : [];
  const location = keySpot(sheet, [...path, first]).location;
  const related = [{ message: `\`${first}\` is given here`, location }];
  return others.map((other) => {
    const message = `a source has either \`${first}\` or \`${other}\``;
    return noteKey(sheet, [...path, other], message, { help: "make it two sources", related });
  });
};

const kindless = (sheet: Subject["sheet"], path: Path): Diagnostic => {
  const owner = ownerName(sheet, pipelineSchema, path);
  const help = "give it `files`, a glob such as `texts/**/*.txt`, or one of the others";
  return noteKey(sheet, [...path, "files"], `${owner} lacks ${listed(sourceKinds, "or")}`, { help });
};

const aKeyFitsTheKindOfItsSource: Rule = (subject) => perSource(fittingKeys)(subject);

const fittingKeys = ({ sheet }: Subject, path: Path): readonly Diagnostic[] => {
  const kind = kindOf(sheet, path);
  if (kind === undefined) return [];
  return strayKeys(sheet, path).map((key) =>
    noteKey(sheet, [...path, key], `\`${key}\` is not a key of a \`${kind}\` source`, { help: homeOf(key, kind) }),
  );
};

const homeOf = (key: KindKey, kind: SourceKind): string =>
  key === "format" && kind === "stdin"
    ? "`stdin` itself names the format, such as `stdin: jsonl`"
    : `\`${key}\` belongs to ${listed(kindsOfKey[key])}`;

const fieldsNeedRecords: Rule = (subject) => perSource(fieldsInRecords)(subject);

const fieldsInRecords = (subject: Subject, path: Path): readonly Diagnostic[] => {
  const { sheet } = subject;
  const found = formatOf(subject, path);
  if (found === undefined || (found.format !== "text" && found.format !== "lines")) return [];
  const { format, at } = found;
  const given = valueAt(sheet.value, at) !== undefined;
  const related = [{ message: "the format is given here", location: valueSpot(sheet, at).location }];
  const help = `a record has fields: give it \`${String(at.at(-1))}: jsonl\` or \`${String(at.at(-1))}: csv\``;
  return (["field", "group"] as const)
    .map((key) => [...path, key])
    .filter((key) => written(subject, key))
    .map((key) =>
      noteKey(sheet, key, `\`${String(key.at(-1))}\` makes no sense with the format \`${format}\``, {
        help,
        ...(given ? { related } : {}),
      }),
    );
};

const aCommandHasNoNameToGoBy: Rule = (subject) =>
  perSource(({ sheet }, path) => {
    if (kindOf(sheet, path) !== "command" || formatOf(subject, path)?.format !== "auto") return [];
    const message = "`auto` goes by the name of a file, and what a command prints has none";
    const help = "say `text`, `lines`, `jsonl` or `csv`";
    return [noteValue(sheet, [...path, "format"], message, { help })];
  })(subject);

const aDottedPathHasNoGaps: Rule = (subject) =>
  perSource(({ sheet, ask }, path) => {
    if (formatOf(subject, path)?.format !== "jsonl") return [];
    const gap = (["field", "group"] as const).filter((key) =>
      ask(source[key], [...path, key])
        ?.split(".")
        .includes(""),
    );
    return gap.map((key) =>
      noteValue(sheet, [...path, key], `a name is missing beside a dot of \`${key}\``, {
        help: "write a path such as `body.text`",
      }),
    );
  })(subject);

const aFileOfTheWebHasItsDigest: Rule = (subject) =>
  perSource(({ sheet }, path) => {
    if (kindOf(sheet, path) !== "url" || !surelyAbsent(sheet, pipelineSchema, [...path, "sha256"])) return [];
    const help = "add `sha256`: without it nobody could tell whether the file is the one that was meant";
    return [noteKey(sheet, [...path, "url"], "a file of the web needs its digest", { help })];
  })(subject);

const oneSourceReadsStandardInput: Rule = (subject) => {
  const { sheet } = subject;
  const [first, ...others] = itemPaths(sheet, sourcesPath)
    .map((path) => [...path, "stdin"])
    .filter((path) => written(subject, path));
  if (first === undefined) return [];
  const related = [{ message: "it is first read here", location: keySpot(sheet, first).location }];
  return others.map((path) => noteKey(sheet, path, "standard input can be read by one source only", { related }));
};

const someSourceCalibrates: Rule = ({ sheet, ask }) => {
  const held = itemPaths(sheet, sourcesPath).map((path) => ask(source["holdout-only"], [...path, "holdout-only"]));
  if (held.length === 0 || held.some((value) => value !== true)) return [];
  const help = "take `holdout-only` off at least one source, or add one with text to calibrate on";
  return [noteKey(sheet, sourcesPath, "every source is held out, so there is nothing to calibrate on", { help })];
};

const aHeldOutSourceHasNoBudget: Rule = (subject) =>
  perSource(({ sheet, ask }, path) => {
    const budget = [...path, "max-tokens"];
    if (!written(subject, budget) || ask(source["holdout-only"], [...path, "holdout-only"]) !== true) return [];
    const message = "`max-tokens` limits calibration, and a source that is held out only never calibrates";
    return [noteKey(sheet, budget, message, { help: "remove one of the two" })];
  })(subject);

const aHeldOutSourceIsOfAGatedDomain: Rule = (subject) => {
  const { sheet, ask } = subject;
  const gated = gatedDomains(subject)?.map(({ domain }) => domain);
  return itemPaths(sheet, sourcesPath).flatMap((path) => {
    const domain = ask(source.domain, [...path, "domain"]);
    const held = ask(source["holdout-only"], [...path, "holdout-only"]);
    if (held !== true || gated === undefined || domain === undefined || gated.includes(domain)) return [];
    const message = `a source of domain \`${domain}\` that is held out only is never used`;
    const help = `text is held out of the validated ${gated.length === 1 ? "domain" : "domains"}, ${listed(gated)}`;
    return [noteValue(sheet, [...path, "domain"], message, { severity: "warning", help })];
  });
};

const theSharesAddUpToAll: Rule = ({ sheet, ask }) => {
  const items = itemPaths(sheet, sourcesPath);
  const held = items.map((path) => ask(source["holdout-only"], [...path, "holdout-only"]));
  const paths = items.filter((_, index) => held[index] !== true);
  const shares = paths.map((path) => ask(source.share, [...path, "share"])).filter((share) => share !== undefined);
  const sum = shares.reduce((total, share) => total + share, 0);
  if (held.includes(undefined) || shares.length === 0 || shares.length < paths.length) return [];
  if (Math.abs(sum - 1) < 1e-9) return [];
  const gap = percentText(Math.abs(1 - sum));
  const help = sum < 1 ? `${gap} is missing` : `${gap} is too much`;
  return [noteKey(sheet, sourcesPath, `the shares of the sources add up to ${percentText(sum)}, not 100%`, { help })];
};

/** Sentences about sources, in no order. */
export const sourceRules: readonly Rule[] = [
  aSourceHasOneKind,
  aKeyFitsTheKindOfItsSource,
  fieldsNeedRecords,
  aCommandHasNoNameToGoBy,
  aDottedPathHasNoGaps,
  aFileOfTheWebHasItsDigest,
  oneSourceReadsStandardInput,
  someSourceCalibrates,
  aHeldOutSourceHasNoBudget,
  aHeldOutSourceIsOfAGatedDomain,
  theSharesAddUpToAll,
];
