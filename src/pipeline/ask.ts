import type * as z from "zod";
import { valueAt } from "./fault.ts";
import { shapeAt } from "./shape.ts";
import type { Path } from "./locate.ts";
import type { Sheet } from "./sheet.ts";

/**
 * Reads single values of a sheet that need not be right as a whole, so that rules find their problems in the same run
 * as the schema. Undefined means "not known": the value is wrong, or may hide behind a misspelt key.
 */
export interface Ask {
  <S extends z.ZodType>(schema: S, path: Path): z.output<S> | undefined;
}

export const asker =
  (sheet: Sheet, whole: z.ZodType): Ask =>
  (schema, path) => {
    const value = valueAt(sheet.value, path);
    if (value === undefined && !surelyAbsent(sheet, whole, path)) return undefined;
    const parsed = schema.safeParse(value);
    return parsed.success ? parsed.data : undefined;
  };

/** Whether a key is left out on purpose: every mapping above it is one, with no unknown key that may be meant for it. */
export const surelyAbsent = (sheet: Sheet, whole: z.ZodType, path: Path): boolean => {
  for (let depth = 0; depth < path.length; depth += 1) {
    const parent = path.slice(0, depth);
    const mapping = valueAt(sheet.value, parent);
    if (!isMapping(mapping)) return false;
    const known = shapeAt(whole, parent)?.keys ?? [];
    if (valueAt(mapping, path.slice(depth, depth + 1)) === undefined) return onlyKnown(mapping, known);
  }
  return false;
};

const isMapping = (value: unknown): value is object => typeof value === "object" && value !== null;

const onlyKnown = (mapping: object, known: readonly string[]): boolean =>
  Object.keys(mapping).every((key) => known.includes(key));

/** The paths of the items of a list; none when there is no list. */
export const itemPaths = (sheet: Sheet, path: Path): readonly Path[] => {
  const items = valueAt(sheet.value, path);
  return Array.isArray(items) ? items.map((_, index) => [...path, index]) : [];
};
