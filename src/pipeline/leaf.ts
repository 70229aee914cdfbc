import * as z from "zod";
import { suggestion } from "./words.ts";
import type { Written } from "./quantities.ts";

// Compiling a schema into a function takes longer than to check one file with it.
z.config({ jitless: true });

/**
 * Builders for the single values of a file. The `error` of every schema completes the sentence "`key` must be …", and
 * `params` of an issue may hold `help`, or a `sentence` that replaces the whole message; `check` reads them.
 */

/** Text that satisfies a pattern; `what` names it, such as `a version range such as …`. */
export const text = (what: string, pattern?: RegExp): z.ZodString => {
  const schema = z.string({ error: what });
  return pattern === undefined ? schema : schema.regex(pattern, { error: what });
};

/** What a `label` looks like. */
export const labelPattern = "^[a-z0-9][a-z0-9-]*$";

/** A short name that can be part of a step's id. */
export const label = (what: string): z.ZodString =>
  text(what, new RegExp(labelPattern)).max(64, { error: "at most 64 characters long" });

/** A path or glob: text that is not blank and that an operating system can take. */
export const path = (what: string): z.ZodString =>
  text(what)
    .refine((written) => written.trim() !== "" && !written.includes("\0"), { error: what })
    .max(4096, { error: "at most 4096 characters long" });

/** Text of one line that is not blank. */
export const phrase = (what: string): z.ZodString =>
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  text(what, /^(?=.*\S)[^\u0000-\u001f\u007f]+$/).max(1000, { error: "at most 1000 characters long" });

/** `true` or `false`; YAML 1.2 has no `yes` and `on`. */
export const flag = () => z.boolean({ error: "`true` or `false`" });

/**
 * One of some known words, in any case; the result is the word as it is spelt in the list. `helpFor` may know better
 * than the nearest word what another text was meant to be.
 */
export const word = <W extends string>(
  kind: string,
  words: readonly W[],
  aliases: Readonly<Record<string, W>> = {},
  helpFor: (written: string) => string | undefined = () => undefined,
) =>
  z
    .string({ error: kind })
    .transform((written, context): W => {
      const upper = written.trim().toUpperCase();
      const known = words.find((candidate) => candidate.toUpperCase() === upper) ?? own(aliases, upper);
      return known ?? refuseWord(context, written, kind, helpFor(written) ?? nearestOf(written, words));
    })
    .meta({ enum: [...words, ...Object.keys(aliases)] });

const own = <W>(record: Readonly<Record<string, W>>, name: string): W | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

const nearestOf = (written: string, words: readonly string[]): string =>
  suggestion(written, words, `known are ${words.join(", ")}`);

const refuseWord = (context: z.RefinementCtx, written: string, kind: string, help: string): never => {
  const sentence = `\`${written}\` is not ${kind.replace(/ such as .*$/, "")}`;
  context.addIssue({ code: "custom", message: kind, params: { sentence, help } });
  return z.NEVER;
};

/** How one kind of quantity is written and what of it is allowed. */
export interface Quantity {
  /** Completes "must be …", with an example. */
  readonly what: string;
  /** What editors check a text against; undefined where no text is right. */
  readonly pattern: string | undefined;
  /** Whether a plain number may be right. */
  readonly numbers: boolean;
  readonly read: (written: Written) => number | undefined;
  /** Said when the text is no such quantity: the accepted units, or how this number should be written. */
  readonly help: (written: Written) => string;
  /** Completes "must be …" when the number is out of range; `help` says why. */
  readonly range?: (value: number) => { readonly what: string; readonly help?: string } | undefined;
}

/** A number with its unit, as people write it; the result is a plain number. */
export const quantity = (kind: Quantity) =>
  z
    .union([z.string(), z.number()], { error: kind.what })
    .transform((written, context): number => {
      const value = kind.read(written);
      const refusal = value === undefined ? { what: kind.what, help: kind.help(written) } : kind.range?.(value);
      if (value !== undefined && refusal === undefined) return value;
      context.addIssue({ code: "custom", message: refusal?.what ?? kind.what, params: { help: refusal?.help } });
      return z.NEVER;
    })
    .meta(formOf(kind));

const formOf = ({ pattern, numbers }: Quantity) => {
  if (pattern === undefined) return { type: "number" } as const;
  return numbers ? ({ type: ["string", "number"], pattern } as const) : ({ type: "string", pattern } as const);
};

/**
 * A branch of a union for some values of a kind only. To all others it says that they are of the wrong kind, so that a
 * faulty value is held against the branch that was meant and not against the one that it fits no better.
 */
export const meant = <S extends z.ZodType>(isMeant: (value: unknown) => boolean, schema: S) =>
  z
    .preprocess((value, context) => {
      if (!isMeant(value)) context.addIssue({ code: "invalid_type", expected: "never", input: value });
      return value;
    }, schema)
    // What looks at every value would also take none at all.
    .nonoptional();
