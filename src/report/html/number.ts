import type { Answer } from "../../select/answer.ts";
import { originOf, writtenPath, type Origin, type ReportPath } from "../../select/origins.ts";
import { nothing } from "../quantity.ts";
import { markup, type Markup } from "./markup.ts";

/**
 * A number of the report as it is shown, which says on hover how it came to be, where in `report.json` it stands, and
 * all its digits. A place that holds no number is a dash.
 */
export const numberAt = (answer: Answer, path: ReportPath, format: (value: number) => string): Markup => {
  const value = valueAt(answer, path);
  if (typeof value !== "number") return markup`${nothing}`;
  const origin = originOf(path);
  if (origin === undefined) throw new Error(`Internal error: no origin for ${writtenPath(path)}`);
  return told(format(value), value, origin, `${writtenPath(path)} = ${value}`);
};

/** A number that this page computes from others. @param from how, in words */
export const derived = (text: string, value: number, from: string): Markup => told(text, value, "derived", from);

const told = (text: string, value: number, origin: Origin, from: string): Markup =>
  markup`<data value="${value}" title="${origin}: ${from}">${text}</data>`;

const valueAt = (answer: Answer, path: ReportPath): unknown => {
  let value: unknown = answer;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return value;
};
