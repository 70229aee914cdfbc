/** Looks at a value that was read from a file. */
export type Check = (value: unknown) => boolean;

export const isText: Check = (value) => typeof value === "string";
export const isNumber: Check = (value) => typeof value === "number";

export const listOf =
  (check: Check, fewest = 0): Check =>
  (value) =>
    Array.isArray(value) && value.length >= fewest && value.every(check);

/** Whether a value is a mapping whose values are as the checks want them. */
export const fits = (value: unknown, checks: Readonly<Record<string, Check>>): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.entries(checks).every(([name, check]) => check((value as Readonly<Record<string, unknown>>)[name]));
