import type { Diagnostic } from "../base/diagnostic.ts";
import { ablationRules } from "./ablation-rules.ts";
import { asker, itemPaths } from "./ask.ts";
import { domainRules } from "./domain-rules.ts";
import { valueAt } from "./fault.ts";
import { imatrixRules } from "./imatrix-rules.ts";
import { noteValue, valueSpot, type Path } from "./locate.ts";
import { repeated, sourcesPath, type Rule, type Subject } from "./rule.ts";
import { pipelineSchema } from "./schema.ts";
import { sourceRules } from "./source-rules.ts";
import { sourceSchema } from "./source-schema.ts";
import { toleranceRules } from "./tolerance-rules.ts";
import { writtenContext } from "./unit.ts";
import type { Sheet } from "./sheet.ts";

/** Holds a file against every rule that needs no disk. A rule that lacks a right value to judge by is silent. */
export const ruleNotes = (sheet: Sheet): readonly Diagnostic[] => {
  const subject: Subject = { sheet, ask: asker(sheet, pipelineSchema) };
  return rules.flatMap((rule) => rule(subject));
};

const { shape } = pipelineSchema;
const source = sourceSchema.shape;
const hygiene = shape.corpus.shape.hygiene.unwrap().shape;

const eachSourceHasItsOwnId: Rule = (subject) =>
  repeated(subject, itemPaths(subject.sheet, sourcesPath).map(at("id")), (path) => subject.ask(source.id, path), "id");

const eachTypeIsNamedOnce: Rule = (subject) => {
  const type = shape.quantize.shape.types.element;
  return repeated(subject, itemPaths(subject.sheet, ["quantize", "types"]), (path) => subject.ask(type, path), "type");
};

const aUnitIsWholeWindows: Rule = ({ sheet, ask }) => {
  const path = ["validate", "unit"];
  const written = valueAt(sheet.value, path) !== undefined;
  const unit = written ? ask(shape.validate.unwrap().shape.unit, path) : undefined;
  const context = writtenContext({ sheet, ask });
  if (unit === undefined || context === undefined || unit % context.tokens === 0) return [];
  const message = `a unit of ${String(unit)} tokens is not a multiple of the context of ${String(context.tokens)} tokens`;
  const help = `the next multiple is \`${String(Math.ceil(unit / context.tokens) * context.tokens)}\``;
  return [noteValue(sheet, path, message, { help, ...contextPlace(sheet, context.path) })];
};

const theShortestIsNotAboveTheLongest: Rule = ({ sheet, ask }) => {
  const [shortest, longest] = (["min-length", "max-length"] as const).map((key) => {
    const path = ["corpus", "hygiene", key];
    return { path, characters: ask(hygiene[key], path) };
  });
  if (shortest?.characters === undefined || longest?.characters === undefined) return [];
  if (shortest.characters <= longest.characters) return [];
  const { path } = valueAt(sheet.value, shortest.path) === undefined ? longest : shortest;
  return [noteValue(sheet, path, "`min-length` is above `max-length`, so that no document is left")];
};

const aFitHasItsMemory: Rule = ({ sheet }) => {
  const written = valueAt(sheet.value, ["fit"]);
  if (typeof written !== "object" || written === null || Array.isArray(written)) return [];
  const keys = Object.keys(written);
  // A key that is misspelt may be meant for one of the two.
  if (keys.some((key) => key === "gpu" || key === "vram" || !(key in shape.fit.unwrap().shape))) return [];
  const help = "name a GPU, as `gpu: rtx-4090`, or a size, as `vram: 8GiB`";
  return [noteValue(sheet, ["fit"], "`fit` says neither on which GPU nor in how much memory", { help })];
};

/** Sentences about the file alone, in no order: diagnostics are sorted by place. */
export const rules: readonly Rule[] = [
  eachSourceHasItsOwnId,
  eachTypeIsNamedOnce,
  ...sourceRules,
  ...domainRules,
  ...toleranceRules,
  ...imatrixRules,
  ...ablationRules,
  aUnitIsWholeWindows,
  aFitHasItsMemory,
  theShortestIsNotAboveTheLongest,
];

const at =
  (key: string) =>
  (path: Path): Path => [...path, key];

const contextPlace = (sheet: Sheet, path: Path) => {
  if (valueAt(sheet.value, path) === undefined) return {};
  return { related: [{ message: "the context is given here", location: valueSpot(sheet, path).location }] };
};
