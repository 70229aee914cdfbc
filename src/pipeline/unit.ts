import { surelyAbsent } from "./ask.ts";
import { valueAt } from "./fault.ts";
import type { Path } from "./locate.ts";
import type { Subject } from "./rule.ts";
import { pipelineSchema } from "./schema.ts";

/** Tokens in a unit at least, unless the file says otherwise: fewer are too alike to count as one observation each. */
const usualUnit = 2048;

const { shape } = pipelineSchema;
const windows = { imatrix: shape.imatrix.unwrap().shape.context, validate: shape.validate.unwrap().shape.context };

/** Tokens of a unit whose length is not written: whole windows of `context` tokens. */
export const wholeWindows = (context: number): number => Math.ceil(usualUnit / context) * context;

export interface WrittenContext {
  readonly tokens: number;
  readonly path: Path;
}

/** The context of validation: its own, else that of the imatrix. */
export const writtenContext = ({ sheet, ask }: Subject): WrittenContext | undefined => {
  const own = ["validate", "context"];
  const path = valueAt(sheet.value, own) === undefined ? ["imatrix", "context"] : own;
  if (path !== own && !surelyAbsent(sheet, pipelineSchema, own)) return undefined;
  const tokens = ask(path === own ? windows.validate : windows.imatrix, path);
  return tokens === undefined ? undefined : { tokens, path };
};

/** Tokens of a unit, as far as the file says it rightly. */
export const writtenUnit = (subject: Subject): number | undefined => {
  const path = ["validate", "unit"];
  if (!surelyAbsent(subject.sheet, pipelineSchema, path)) return subject.ask(shape.validate.unwrap().shape.unit, path);
  const context = writtenContext(subject);
  return context === undefined ? undefined : wholeWindows(context.tokens);
};
