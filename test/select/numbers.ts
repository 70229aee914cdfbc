import type { ReportPath } from "../../src/select/origins.ts";

/** The places of all numbers in a JSON value. */
export const numbersIn = (value: unknown, path: ReportPath = []): ReportPath[] => {
  if (typeof value === "number") return [path];
  if (typeof value !== "object" || value === null) return [];
  return Array.isArray(value)
    ? value.flatMap((each, index) => numbersIn(each, [...path, index]))
    : Object.entries(value).flatMap(([name, each]) => numbersIn(each, [...path, name]));
};
