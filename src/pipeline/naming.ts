import type * as z from "zod";
import { writtenText, type Path } from "./locate.ts";
import { shapeAt } from "./shape.ts";
import { excerpt } from "./words.ts";
import type { Sheet } from "./sheet.ts";

/** What a value is called in a sentence: by its key, or as an entry of its list. */
export const valueName = (path: Path): string => {
  const last = path.at(-1);
  if (last === undefined) return "the file";
  return typeof last === "string" ? `\`${excerpt(last)}\`` : `an entry of ${valueName(path.slice(0, -1))}`;
};

/** What a mapping is called: `the pipeline`, `a source`, or by its key. */
export const mappingName = (schema: z.ZodType, path: Path, article: "a" | "the"): string => {
  const title = shapeAt(schema, path)?.title;
  return title === undefined ? valueName(path) : `${article} ${title}`.replace(/^a (?=[aeiou])/, "an ");
};

/** A mapping that lacks something: an item of a list with its id, if it has one. */
export const ownerName = (sheet: Sheet, schema: z.ZodType, path: Path): string => {
  if (typeof path.at(-1) !== "number") return mappingName(schema, path, "the");
  const text = writtenText(sheet, [...path, "id"]) ?? "";
  return text === ""
    ? mappingName(schema, path, "a")
    : `${shapeAt(schema, path)?.title ?? "item"} \`${excerpt(text)}\``;
};
