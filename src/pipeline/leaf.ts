import { z } from "zod";
import { suggestion } from "./words.ts";
import type { Written } from "./quantities.ts";

/**
 * Builders for the single values of a file. The `error` of every schema completes the sentence "`key` must be …", and
 * `params` of an issue may hold `help`, or a `sentence` that replaces the whole message; `check` reads them.
 */

/** Text that satisfies a pattern; `what` names it, such as `a version range such as …`. */
export const text = (what: string, pattern?: RegExp): z.ZodString => {
  const schema = z.string({ error: what });
  return pattern === undefined ? schema : schema.regex(pattern, { error: what });
};

/** A short name that can be part of a step's id. */
export const label = (what: string): z.ZodString =>
  text(what, /^[a-z0-9][a-z0-9-]*$/).max(64, { error: "at most 64 characters long" });

/** A path or glob: text that is not blank and that an operating system can take. */
export const path = (what: string): z.ZodString =>
  text(what)
    .refine((written) => written.trim() !== "" && !written.includes("\0"), { error: what })
    .max(4096, { error: "at most 4096 characters long" });

/** `true` or `false`; YAML 1.2 has no `yes` and `on`. */
export const flag = () => z.boolean({ error: "`true` or `false`" });

/** One of some known words, in any case; the result is the word as it is spelt in the list. */
export const word = <W extends string>(kind: string, words: readonly W[], aliases: Readonly<Record<string, W>> = {}) =>
  z
    .string({ error: kind })
    .transform((written, context): W => {
      const upper = written.trim().toUpperCase();
      const known = words.find((candidate) => candidate.toUpperCase() === upper) ?? own(aliases, upper);
      return known ?? refuseWord(context, written, kind, words);
    })
    .meta({ enum: [...words, ...Object.keys(aliases)] });

const own = <W>(record: Readonly<Record<string, W>>, name: string): W | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

const refuseWord = (context: z.RefinementCtx, written: string, kind: string, words: readonly string[]): never => {
  const help = suggestion(written, words, `known are ${words.join(", ")}`);
  const sentence = `\`${written}\` is not ${kind.replace(/ such as .*$/, "")}`;
  context.addIssue({ code: "custom", message: kind, params: { sentence, help } });
  return z.NEVER;
};

/** How one kind of quantity is written and what of it is allowed. */
export interface Quantity {
  /** Completes "must be …", with an example. */
  readonly what: string;
  /** What editors check a text against; plain numbers are allowed too where `numbers` is true. */
  readonly pattern: string;
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
    .meta(kind.numbers ? { type: ["string", "number"], pattern: kind.pattern } : quotedOnly(kind.pattern));

const quotedOnly = (pattern: string) => ({ type: "string", pattern }) as const;
