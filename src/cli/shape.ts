/** Looks at a value and gives the path to what does not fit, which is empty for the value itself; undefined when it fits. */
export type Shape = (value: unknown) => string | undefined;

const when =
  (fitting: (value: unknown) => boolean): Shape =>
  (value) =>
    fitting(value) ? undefined : "";

export const text = when((value) => typeof value === "string" && !value.includes("\0"));
export const number = when((value) => typeof value === "number" && Number.isFinite(value));
export const flag = when((value) => typeof value === "boolean");
export const nothing = when((value) => value === null);
export const pattern = (form: RegExp): Shape => when((value) => typeof value === "string" && form.test(value));
export const oneOf = (...words: readonly (string | number)[]): Shape =>
  when((value) => words.some((word) => word === value));

/** What the shape that came nearest says, which is the last one that did not refuse the value as a whole. */
export const anyOf =
  (...shapes: readonly Shape[]): Shape =>
  (value) => {
    const said = shapes.map((shape) => shape(value));
    if (said.includes(undefined)) return undefined;
    return said.findLast((path) => path !== "") ?? "";
  };

export const textOrNull = anyOf(nothing, text);
export const numberOrNull = anyOf(nothing, number);

export const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined ? undefined : shape(value);

export const listOf =
  (shape: Shape, fewest = 0): Shape =>
  (value) => {
    if (!Array.isArray(value) || value.length < fewest) return "";
    return firstOf(value.map((item, index) => below(`[${index}]`, shape(item))));
  };

/** An object with at least these names. */
export const fits =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value) => {
    if (!isObject(value)) return "";
    return firstOf(Object.entries(shapes).map(([name, shape]) => below(`.${name}`, shape(value[name]))));
  };

/** An object whose names are not known before. */
export const recordOf =
  (shape: Shape, name: Shape = text): Shape =>
  (value) => {
    if (!isObject(value)) return "";
    const entries = Object.entries(value);
    if (entries.some(([key]) => name(key) !== undefined)) return "";
    return firstOf(entries.map(([key, item]) => below(`[${JSON.stringify(key)}]`, shape(item))));
  };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const below = (place: string, path: string | undefined): string | undefined =>
  path === undefined ? undefined : place + path;

const firstOf = (paths: readonly (string | undefined)[]): string | undefined =>
  paths.find((path) => path !== undefined);
