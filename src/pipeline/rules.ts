import type { Diagnostic } from "../base/diagnostic.ts";
import { asker, itemPaths, surelyAbsent, type Ask } from "./ask.ts";
import { ownerName } from "./naming.ts";
import { valueAt } from "./fault.ts";
import { keySpot, noteKey, noteValue, valueSpot, type Path } from "./locate.ts";
import { percentText } from "./quantities.ts";
import { pipelineSchema, sourceSchema } from "./schema.ts";
import { listed, suggestion } from "./words.ts";
import type { Sheet } from "./sheet.ts";

/** What a rule looks at: the file, and its single values as far as they are right. */
export interface Subject {
  readonly sheet: Sheet;
  readonly ask: Ask;
}

/** One sentence that holds in every good pipeline file, and the places where it does not hold in this one. */
export type Rule = (subject: Subject) => readonly Diagnostic[];

/** Holds a file against every rule that needs no disk. A rule that lacks a right value to judge by is silent. */
export const ruleNotes = (sheet: Sheet): readonly Diagnostic[] => {
  const subject: Subject = { sheet, ask: asker(sheet, pipelineSchema) };
  return rules.flatMap((rule) => rule(subject));
};

export const sourcesPath: Path = ["corpus", "sources"];
const { shape } = pipelineSchema;
const source = sourceSchema.shape;
const windows = { imatrix: shape.imatrix.unwrap().shape.context, validate: shape.validate.shape.context };

const eachSourceHasItsOwnId: Rule = (subject) =>
  repeated(subject, itemPaths(subject.sheet, sourcesPath).map(at("id")), (path) => subject.ask(source.id, path), "id");

const eachTypeIsNamedOnce: Rule = (subject) => {
  const type = shape.quantize.shape.types.element;
  return repeated(subject, itemPaths(subject.sheet, ["quantize", "types"]), (path) => subject.ask(type, path), "type");
};

const aSourceIsEitherFilesOrPrompts: Rule = (subject) =>
  itemPaths(subject.sheet, sourcesPath).flatMap((path) => eitherFilesOrPrompts(subject, path));

const theSharesAddUpToAll: Rule = ({ sheet, ask }) => {
  const paths = itemPaths(sheet, sourcesPath).map(at("share"));
  const shares = paths.map((path) => ask(source.share, path)).filter((share) => share !== undefined);
  const sum = shares.reduce((total, share) => total + share, 0);
  if (shares.length === 0 || shares.length < paths.length || Math.abs(sum - 1) < 1e-9) return [];
  const gap = percentText(Math.abs(1 - sum));
  const help = sum < 1 ? `${gap} is missing` : `${gap} is too much`;
  return [noteKey(sheet, sourcesPath, `the shares of the sources add up to ${percentText(sum)}, not 100%`, { help })];
};

const theValidatedDomainHasASource: Rule = ({ sheet, ask }) => {
  const path = ["validate", "domain"];
  const domain = ask(shape.validate.shape.domain, path);
  const domains = itemPaths(sheet, sourcesPath).map((item) => ask(source.domain, [...item, "domain"]));
  const known = [...new Set(domains.filter((entry) => entry !== undefined))];
  if (domain === undefined || known.includes(domain) || known.length === 0 || domains.includes(undefined)) return [];
  const help = suggestion(domain, known, `the domains are ${listed(known)}`);
  return [noteValue(sheet, path, `no source has the domain \`${domain}\``, { help })];
};

const aUnitIsWholeWindows: Rule = ({ sheet, ask }) => {
  const path = ["validate", "unit"];
  const written = valueAt(sheet.value, path) !== undefined;
  const unit = written ? ask(shape.validate.shape.unit, path) : undefined;
  const context = writtenContext({ sheet, ask });
  if (unit === undefined || context === undefined || unit % context.tokens === 0) return [];
  const message = `a unit of ${String(unit)} tokens is not a multiple of the context of ${String(context.tokens)} tokens`;
  const help = `the next multiple is \`${String(Math.ceil(unit / context.tokens) * context.tokens)}\``;
  return [noteValue(sheet, path, message, { help, ...contextPlace(sheet, context.path) })];
};

/** Sentences about the file alone, in no order: diagnostics are sorted by place. */
export const rules: readonly Rule[] = [
  eachSourceHasItsOwnId,
  eachTypeIsNamedOnce,
  aSourceIsEitherFilesOrPrompts,
  theSharesAddUpToAll,
  theValidatedDomainHasASource,
  aUnitIsWholeWindows,
];

const at =
  (key: string) =>
  (path: Path): Path => [...path, key];

const repeated = (
  { sheet }: Subject,
  paths: readonly Path[],
  name: (path: Path) => string | undefined,
  what: string,
): readonly Diagnostic[] => {
  const first = new Map<string, Path>();
  return paths.flatMap((path) => {
    const text = name(path);
    const before = text === undefined ? undefined : first.get(text);
    if (text !== undefined && before === undefined) first.set(text, path);
    if (text === undefined || before === undefined) return [];
    const related = [{ message: `\`${text}\` is first given here`, location: valueSpot(sheet, before).location }];
    return [noteValue(sheet, path, `the ${what} \`${text}\` is given twice`, { related })];
  });
};

const eitherFilesOrPrompts = ({ sheet }: Subject, path: Path): readonly Diagnostic[] => {
  const [files, prompts] = [at("files")(path), at("prompts")(path)];
  const [hasFiles, hasPrompts] = [files, prompts].map((key) => valueAt(sheet.value, key) !== undefined);
  if (hasFiles === true && hasPrompts === true) {
    const related = [{ message: "`files` is given here", location: keySpot(sheet, files).location }];
    return [
      noteKey(sheet, prompts, "a source has either `files` or `prompts`", { help: "make it two sources", related }),
    ];
  }
  if (hasFiles === true || hasPrompts === true || !surelyAbsent(sheet, pipelineSchema, files)) return [];
  const help = "give it `files`, a glob such as `texts/**/*.txt`, or `prompts`, the path of a prompt grammar";
  return [noteKey(sheet, files, `${ownerName(sheet, pipelineSchema, path)} lacks \`files\` or \`prompts\``, { help })];
};

interface WrittenContext {
  readonly tokens: number;
  readonly path: Path;
}

/** The context of validation: its own, else that of the imatrix. */
const writtenContext = ({ sheet, ask }: Subject): WrittenContext | undefined => {
  const own = ["validate", "context"];
  const path = valueAt(sheet.value, own) === undefined ? ["imatrix", "context"] : own;
  if (path !== own && !surelyAbsent(sheet, pipelineSchema, own)) return undefined;
  const tokens = ask(path === own ? windows.validate : windows.imatrix, path);
  return tokens === undefined ? undefined : { tokens, path };
};

const contextPlace = (sheet: Sheet, path: Path) => {
  if (valueAt(sheet.value, path) === undefined) return {};
  return { related: [{ message: "the context is given here", location: valueSpot(sheet, path).location }] };
};
