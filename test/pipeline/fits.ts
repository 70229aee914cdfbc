type Json = Readonly<Record<string, unknown>>;

/** Whether a value is of one of the types that JSON Schema names. */
const isOf = (value: unknown, types: unknown): boolean =>
  [types].flat().some((type) => {
    if (type === "array") return Array.isArray(value);
    if (type === "object") return isObject(value);
    return type === "integer" ? Number.isInteger(value) : typeof value === type;
  });

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const size = (value: unknown): number => (isObject(value) ? Object.keys(value).length : 0);

const others = (schema: Json, value: Json): readonly unknown[] =>
  Object.keys(value)
    .filter((key) => !Object.hasOwn((schema["properties"] ?? {}) as Json, key))
    .map((key) => value[key]);

/** The keywords that the schema of the pipeline file uses, each for the values that it speaks of. */
const keywords: Readonly<Record<string, (is: never, value: unknown, schema: Json) => boolean>> = {
  type: (is: unknown, value) => isOf(value, is),
  enum: (is: readonly unknown[], value) => is.includes(value),
  not: (is: Json, value) => !fits(is, value),
  anyOf: (is: readonly Json[], value) => is.some((each) => fits(each, value)),
  oneOf: (is: readonly Json[], value) => is.filter((each) => fits(each, value)).length === 1,
  pattern: (is: string, value) => typeof value !== "string" || new RegExp(is, "u").test(value),
  minLength: (is: number, value) => typeof value !== "string" || value.length >= is,
  maxLength: (is: number, value) => typeof value !== "string" || value.length <= is,
  minimum: (is: number, value) => typeof value !== "number" || value >= is,
  maximum: (is: number, value) => typeof value !== "number" || value <= is,
  exclusiveMinimum: (is: number, value) => typeof value !== "number" || value > is,
  items: (is: Json, value) => !Array.isArray(value) || value.every((item) => fits(is, item)),
  minItems: (is: number, value) => !Array.isArray(value) || value.length >= is,
  required: (is: readonly string[], value) => !isObject(value) || is.every((key) => Object.hasOwn(value, key)),
  properties: (is: Json, value) =>
    !isObject(value) || Object.keys(value).every((key) => !Object.hasOwn(is, key) || fits(is[key], value[key])),
  additionalProperties: (is: unknown, value, schema) =>
    !isObject(value) || others(schema, value).every((other) => is !== false && fits(is, other)),
  propertyNames: (is: Json, value) => !isObject(value) || Object.keys(value).every((key) => fits(is, key)),
  minProperties: (is: number, value) => !isObject(value) || size(value) >= is,
  $schema: () => true,
  title: () => true,
  description: () => true,
  default: () => true,
  examples: () => true,
};

/**
 * Whether a value fits a JSON Schema, as an editor would say. Written here, because of the packages at hand one does not
 * know `not` and takes `oneOf` of `required` alone for a mistake; a keyword that is not known fails the test.
 */
export const fits = (schema: unknown, value: unknown): boolean => {
  if (!isObject(schema)) throw new Error(`no schema: ${JSON.stringify(schema)}`);
  return Object.entries(schema).every(([name, is]) => {
    const keyword = Object.hasOwn(keywords, name) ? keywords[name] : undefined;
    if (keyword === undefined) throw new Error(`unknown keyword ${name}`);
    return keyword(is as never, value, schema);
  });
};
