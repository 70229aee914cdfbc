import type { Diagnostic } from "../base/diagnostic.ts";
import { itemPaths } from "./ask.ts";
import { valueAt } from "./fault.ts";
import { imatrixSchema } from "./imatrix-schema.ts";
import { noteKey, noteValue, type Path } from "./locate.ts";
import { sourcesPath, type Rule } from "./rule.ts";
import { sourceSchema } from "./source-schema.ts";
import { listed, nearest } from "./words.ts";

const topUpPath = ["imatrix", "coverage", "top-up"];
const source = sourceSchema.shape;

/** Only text that calibrates can be more calibration text. */
const topUpNamesSourcesThatCalibrate: Rule = ({ sheet, ask }) => {
  const ids = itemPaths(sheet, sourcesPath).flatMap((path) => {
    const heldOut = valueAt(sheet.value, [...path, "holdout-only"]) === true;
    return heldOut ? [] : (ask(source.id, [...path, "id"]) ?? []);
  });
  return itemPaths(sheet, topUpPath).flatMap((path) => {
    const id = valueAt(sheet.value, path);
    if (typeof id !== "string" || ids.length === 0 || ids.includes(id)) return [];
    const near = nearest(id, ids);
    const help = near === undefined ? `the sources that calibrate are ${listed(ids)}` : `did you mean \`${near}\`?`;
    return [noteValue(sheet, path, `\`${id}\` is no source that calibrates`, { help })];
  });
};

/** What is imported is not collected, so nothing can be asked of how. */
const anImportStandsAlone: Rule = ({ sheet, ask }) => {
  if (ask(imatrixSchema.unwrap().shape.import, ["imatrix", "import"]) === undefined) return [];
  const others: Path[] = [["imatrix", "chunks"], ["imatrix", "per-source"], topUpPath];
  return others
    .filter((path) => valueAt(sheet.value, path) !== undefined)
    .map((path): Diagnostic => {
      const message = `\`${String(path.at(-1))}\` says how a matrix is collected, and this one is imported`;
      return noteKey(sheet, path, message, { help: "leave out one of the two" });
    });
};

export const imatrixRules: readonly Rule[] = [topUpNamesSourcesThatCalibrate, anImportStandsAlone];
