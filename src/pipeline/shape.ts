import * as z from "zod";
import type { Path } from "./locate.ts";

type Schema = z.core.$ZodType;
type Shapes = Readonly<Record<string, Schema>>;

/** The mapping that a schema allows at a path: its keys and what people call it. Undefined where it allows none. */
export interface Shape {
  readonly keys: readonly string[];
  readonly title?: string;
}

/** The shape at a path of a schema; on a union, of its branch that is a mapping. */
export const shapeAt = (schema: Schema, path: Path): Shape | undefined => {
  const object = objectOf(path.reduce<Schema | undefined>(descend, schema));
  if (object === undefined) return undefined;
  const title = z.globalRegistry.get(object)?.title;
  const keys = Object.keys(object.shape);
  return title === undefined ? { keys } : { keys, title };
};

/** Every key of a schema with the path of the mapping that holds it; list items are the path step 0. */
export const allKeys = (schema: Schema, path: Path = []): readonly { readonly path: Path; readonly key: string }[] => {
  const inner = bare(schema);
  if (inner instanceof z.ZodArray) return allKeys(inner.element, [...path, 0]);
  return Object.entries(shapeOf(inner)).flatMap(([key, value]) => [{ path, key }, ...allKeys(value, [...path, key])]);
};

const descend = (schema: Schema | undefined, step: string | number): Schema | undefined => {
  const inner = schema === undefined ? undefined : bare(schema);
  if (inner instanceof z.ZodArray) return inner.element;
  if (inner instanceof z.ZodRecord) return inner.valueType;
  if (inner instanceof z.ZodUnion) return firstOf(inner.options.map((option) => descend(option, step)));
  const shapes = shapeOf(inner);
  return Object.hasOwn(shapes, step) ? shapes[step] : undefined;
};

const shapeOf = (schema: Schema | undefined): Shapes => objectOf(schema)?.shape ?? {};

const objectOf = (schema: Schema | undefined): z.ZodObject | undefined => {
  const inner = schema === undefined ? undefined : bare(schema);
  if (inner instanceof z.ZodObject) return inner;
  if (!(inner instanceof z.ZodUnion)) return undefined;
  return firstOf(inner.options.map((option) => objectOf(option)));
};

const firstOf = <T>(found: readonly (T | undefined)[]): T | undefined => found.find((each) => each !== undefined);

/** A schema without its defaults and transforms. */
const bare = (schema: Schema): Schema => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault || schema instanceof z.ZodNonOptional)
    return bare(schema.unwrap());
  if (!(schema instanceof z.ZodPipe)) return schema;
  // A transform in front only looks at the value (see `meant` in `leaf`).
  return bare(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
};
