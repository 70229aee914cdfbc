import { fewestUnits } from "../base/looks.ts";
import { matrixNames, type MatrixName } from "../base/matrix-names.ts";
import { ablationMapping } from "./ablation-schema.ts";
import { itemPaths } from "./ask.ts";
import { valueAt } from "./fault.ts";
import { gatedDomains } from "./gated-domains.ts";
import { noteKey, noteValue, type Path } from "./locate.ts";
import { repeated, sourcesPath, type Rule, type Subject } from "./rule.ts";
import { pipelineSchema } from "./schema.ts";
import { sourceSchema } from "./source-schema.ts";
import { usesImatrix } from "./types.ts";
import { listed } from "./words.ts";

const ablation: Path = ["ablation"];
const typesPath: Path = ["ablation", "types"];
const searchPath: Path = ["corpus", "split", "search"];
const { shape } = pipelineSchema;
const matrixSchema = ablationMapping.shape.matrices.element;
const typeSchema = shape.quantize.shape.types.element;

const isWritten = ({ sheet }: Subject): boolean => valueAt(sheet.value, ablation) !== undefined;

/** Where the matrices stand: in the list itself, or in the mapping. */
const matrixPaths = ({ sheet }: Subject): readonly Path[] =>
  Array.isArray(valueAt(sheet.value, ablation))
    ? itemPaths(sheet, ablation)
    : itemPaths(sheet, [...ablation, "matrices"]);

/** On fewer units Student's interval of skewed differences says little, as with a decision. */
const anAblationHasEnoughText: Rule = (subject) => {
  if (!isWritten(subject)) return [];
  const { sheet, ask } = subject;
  const units = ask(shape.corpus.shape.split.unwrap().shape.search, searchPath);
  if (units === undefined || units >= fewestUnits) return [];
  const message = `an ablation compares on the search split, which has ${String(units)} units; at least ${String(fewestUnits)} are needed`;
  const help = `write \`split: { search: ${String(fewestUnits)} units }\` under \`corpus\`; with more, smaller differences show`;
  const where = valueAt(sheet.value, searchPath) === undefined ? ablation : searchPath;
  return [(where === ablation ? noteKey : noteValue)(sheet, where, message, { help })];
};

const eachMatrixIsNamedOnce: Rule = (subject) =>
  repeated(subject, matrixPaths(subject), (path) => subject.ask(matrixSchema, path), "matrix");

const eachComparedTypeIsNamedOnce: Rule = (subject) =>
  repeated(subject, itemPaths(subject.sheet, typesPath), (path) => subject.ask(typeSchema, path), "type");

/** A type of the ladder is built anyway with the pipeline's own matrix, and one that ignores it comes out the same. */
const aComparedTypeIsOfTheLadder: Rule = ({ sheet, ask }) => {
  const ladder = itemPaths(sheet, ["quantize", "types"]).map((path) => ask(typeSchema, path));
  if (ladder.length === 0 || ladder.includes(undefined)) return [];
  return itemPaths(sheet, typesPath).flatMap((path) => {
    const type = ask(typeSchema, path);
    if (type === undefined) return [];
    if (!ladder.includes(type))
      return [noteValue(sheet, path, `\`${type}\` is none of the types of \`quantize\``, { help: "add it there too" })];
    const help = "it comes out the same with every matrix: leave it out";
    return usesImatrix(type) ? [] : [noteValue(sheet, path, `\`${type}\` ignores the importance matrix`, { help })];
  });
};

const someTypeDependsOnTheMatrix: Rule = (subject) => {
  const { sheet, ask } = subject;
  if (!isWritten(subject) || valueAt(sheet.value, typesPath) !== undefined) return [];
  const ladder = itemPaths(sheet, ["quantize", "types"]).map((path) => ask(typeSchema, path));
  if (ladder.length === 0 || ladder.some((type) => type === undefined || usesImatrix(type))) return [];
  const help = "add one such as `Q4_K_M` to `types` of `quantize`, or leave `ablation` out";
  return [noteKey(sheet, ablation, "every type of `quantize` ignores the importance matrix", { help })];
};

/** `general` and `domain` are mixed of the sources' own matrices, so some source must have one. */
const aComparedMatrixHasItsText: Rule = (subject) => {
  const { sheet, ask } = subject;
  const gated = gatedDomains(subject)?.map(({ domain }) => domain);
  const calibrating = calibratingDomains(subject);
  const isImported = valueAt(sheet.value, ["imatrix", "import"]) !== undefined;
  return matrixPaths(subject).flatMap((path) => {
    const matrix = ask(matrixSchema, path);
    if (matrix !== "general" && matrix !== "domain") return [];
    if (isImported) {
      const message = `\`${matrix}\` is mixed of the sources' own matrices, and this pipeline imports one`;
      return [noteValue(sheet, path, message, { help: `compare ${listed(["none", "mixed"])}, or import none` })];
    }
    if (gated === undefined || calibrating === undefined) return [];
    if (calibrating.some((domain) => gated.includes(domain) === (matrix === "domain"))) return [];
    return [noteValue(sheet, path, ...withoutText(matrix, gated))];
  });
};

const withoutText = (matrix: MatrixName, gated: readonly string[]) => {
  const which = gated.length === 1 ? `domain ${listed(gated)}` : `domains ${listed(gated)}`;
  const others = matrixNames.filter((name) => name !== matrix);
  const message =
    matrix === "domain"
      ? `no source of the validated ${which} calibrates`
      : `every source that calibrates is of the validated ${which}`;
  return [message, { help: `add such a source, or compare others of ${listed(others)}` }] as const;
};

/** Domains of the sources that calibrate; undefined when one does not say rightly. */
const calibratingDomains = ({ sheet, ask }: Subject): readonly string[] | undefined => {
  const found = itemPaths(sheet, sourcesPath).map((path) => ({
    domain: ask(sourceSchema.shape.domain, [...path, "domain"]),
    heldOut: ask(sourceSchema.shape["holdout-only"], [...path, "holdout-only"]),
  }));
  if (found.some(({ domain, heldOut }) => domain === undefined || heldOut === undefined)) return undefined;
  return found.flatMap(({ domain, heldOut }) => (heldOut === true || domain === undefined ? [] : [domain]));
};

/** Sentences about what is compared. */
export const ablationRules: readonly Rule[] = [
  anAblationHasEnoughText,
  eachMatrixIsNamedOnce,
  eachComparedTypeIsNamedOnce,
  aComparedTypeIsOfTheLadder,
  someTypeDependsOnTheMatrix,
  aComparedMatrixHasItsText,
];
