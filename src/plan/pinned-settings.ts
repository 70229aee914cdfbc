import type { Json } from "../base/canonical.ts";
import type { Pipeline, Source } from "../pipeline/pipeline.ts";

/**
 * Every value of a pipeline file that its result hangs on, defaults applied, by its key. Left out: where things lie,
 * which tools may be used (those that were are pinned themselves), and limits of time and disk.
 */
export const settingsOf = ({
  baseline,
  corpus,
  imatrix,
  quantize,
  validate,
  select,
  ablation,
  fit,
}: Pipeline): Record<string, Json> => {
  const { sources, searchUnits, ...others } = corpus;
  const { logitsDisk: _logitsDisk, ...validated } = validate;
  const { tolerances, ...selected } = select;
  const { import: _import, ...collected } = imatrix;
  return Object.fromEntries([
    ...(baseline === undefined ? [] : [["baseline", baseline] as const]),
    ...flatten("corpus", { ...others, split: { search: searchUnits } }),
    ...sources.flatMap((source) => flatten(`corpus.sources.${source.id}`, settingsOfSource(source))),
    ...flatten("imatrix", collected),
    ...flatten("quantize", quantize),
    ...flatten("validate", validated),
    ...flatten("select", selected),
    ...(ablation === undefined ? [] : flatten("ablation", ablation)),
    ...(fit === null ? [] : flatten("fit", fit)),
    ...tolerances.flatMap(({ domain, ...tolerance }) => flatten(`select.tolerance.${domain}`, tolerance)),
  ]);
};

/** Names of what a source says about where its text lies; the bytes that lie there are pinned on their own. */
const places = new Set([
  "id",
  "files",
  "file",
  "repository",
  "revision",
  "tree",
  "template",
  "inputs",
  "dataset",
  "url",
  "sha256",
]);

const settingsOfSource = (source: Source): object =>
  Object.fromEntries(Object.entries(source).filter(([name]) => !places.has(name)));

/** Lists are values: a person reads them as a whole. */
const flatten = (prefix: string, values: object): [string, Json][] =>
  Object.entries(values).flatMap(([name, value]: [string, unknown]): [string, Json][] => {
    const key = `${prefix}.${keyOf(name)}`;
    return isMapping(value) ? flatten(key, value) : [[key, value as Json]];
  });

const isMapping = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `overlapLimit` is written `overlap-limit`. */
const keyOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
