import * as jinja from "@huggingface/jinja";
import { err, ok, type Result } from "../base/result.ts";
import { readMessages, type ChatMessage } from "./chat-messages.ts";

/** A model's chat template after parsing. */
export interface ChatTemplate {
  readonly program: Program;
  readonly tokens: SpecialTokens;
}

export interface SpecialTokens {
  /** Text of the token that begins a sequence, empty if the model has none. */
  readonly bosToken: string;
  readonly eosToken: string;
}

/**
 * The parts of the package that are used. Its own declarations import one another in a way that Node's rules do not
 * follow, so that to the compiler all of it would be `any`.
 */
interface Jinja {
  readonly tokenize: (text: string, options: Readonly<Record<string, boolean>>) => unknown;
  readonly parse: (tokens: unknown) => Program;
  readonly Environment: new () => Scope;
  readonly Interpreter: new (scope: Scope) => Renderer;
}
interface Scope {
  readonly set: (name: string, value: unknown) => unknown;
}
interface Renderer {
  run(program: Program): RuntimeValue;
  evaluate(statement: unknown, scope: Scope): RuntimeValue;
}
interface RuntimeValue {
  readonly value: unknown;
}
type Program = { readonly type: string };

const { Environment, Interpreter, parse, tokenize } = jinja as unknown as Jinja;

/** Parses a template of a model file; the error is the rest of a sentence about the model. */
export const readTemplate = (text: string, tokens: SpecialTokens): Result<ChatTemplate, string> => {
  try {
    // As every renderer of the Hub's templates sets Jinja: the line end after a block, and the indent before one, are off.
    const program = parse(tokenize(text, { lstrip_blocks: true, trim_blocks: true }));
    return ok({ program, tokens });
  } catch (error) {
    return err(`has a chat template that cannot be read: ${wordsOf(error)}`);
  }
};

/**
 * Messages of a record → the text that the model sees, without the token that begins it, which the tools add themselves.
 * The error is the rest of a sentence about the record.
 */
export const renderChat = (template: ChatTemplate, messages: unknown): Result<string, string> => {
  const read = readMessages(messages);
  return read.ok ? renderMessages(template, read.value) : read;
};

export const renderMessages = (
  { program, tokens: { bosToken, eosToken } }: ChatTemplate,
  messages: readonly ChatMessage[],
): Result<string, string> => {
  try {
    const scope = openScope({ messages, bos_token: bosToken, eos_token: eosToken, add_generation_prompt: false });
    const { value } = new BoundedInterpreter(scope, messages).run(program);
    const text = typeof value === "string" ? value : "";
    return ok(bosToken !== "" && text.startsWith(bosToken) ? text.slice(bosToken.length) : text);
  } catch (error) {
    return err(`is refused by the chat template: ${wordsOf(error)}`);
  }
};

/** What a template may use besides the messages. The package's own scope is not used: it knows what day it is. */
const openScope = (variables: Readonly<Record<string, unknown>>): Scope => {
  const scope = new Environment();
  const constants = { true: true, True: true, false: false, False: false, none: null, None: null };
  const functions = { raise_exception: raise, strftime_now: formatDate, range: listNumbers };
  for (const [name, value] of Object.entries({ ...constants, ...functions, ...variables })) scope.set(name, value);
  return scope;
};

const raise = (message: unknown): never => {
  throw new Refusal(String(message));
};

/** What a template says or does that makes it impossible to render; it never leaves this file. */
class Refusal extends Error {}

/** Today, for templates that tell the model the date: 26 July 2024 on every day, or every day would have other texts. */
const today: Readonly<Record<string, string>> = {
  "%Y": "2024",
  "%y": "24",
  "%m": "07",
  "%d": "26",
  "%e": "26",
  "%j": "208",
  "%B": "July",
  "%b": "Jul",
  "%A": "Friday",
  "%a": "Fri",
  "%H": "00",
  "%M": "00",
  "%S": "00",
  "%F": "2024-07-26",
  "%%": "%",
};

const formatDate = (format: unknown): string =>
  String(format).replaceAll(/%[A-Za-z%]/g, (field) => today[field] ?? field);

const longestRange = 10_000;

/** Python's `range`, of no more numbers than a template can need. */
const listNumbers = (first: unknown, second?: unknown, third?: unknown): number[] => {
  const [start, stop] = second === undefined ? [0, Number(first)] : [Number(first), Number(second)];
  const step = third === undefined ? 1 : Number(third);
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= longestRange)) throw new Refusal(`range() of more than ${longestRange} numbers`);
  return Array.from({ length }, (_, index) => start + index * step);
};

/** Steps that a template may take, and more for each message: those of large models take some hundred a message. */
const steps = { always: 100_000, message: 3000 };

/** Items of a list, and characters of a text, that count for a step. */
const perStep = { items: 4, characters: 256 };

/** Characters that a template may make: many times those of the messages, and what stands around them. */
const growth = { always: 1_000_000, factor: 10 };

/**
 * Ends a template that loops for ever or makes endless text, after the same number of steps on every machine. A time
 * limit was rejected: it needs a thread for each conversation, which takes longer than rendering does.
 */
class BoundedInterpreter extends Interpreter {
  private left: number;
  private readonly longest: number;

  constructor(scope: Scope, messages: readonly ChatMessage[]) {
    super(scope);
    const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
    this.left = steps.always + steps.message * messages.length + characters;
    this.longest = growth.always + growth.factor * characters;
  }

  override evaluate(statement: unknown, scope: Scope): RuntimeValue {
    const result = super.evaluate(statement, scope);
    const { value } = result;
    this.left -= 1;
    if (Array.isArray(value)) this.left -= value.length / perStep.items;
    else if (typeof value === "string") this.spend(value.length);
    if (this.left < 0) throw new Refusal("it takes too many steps");
    return result;
  }

  private spend(characters: number): void {
    this.left -= characters / perStep.characters;
    if (characters > this.longest) throw new Refusal("it makes far more text than the messages hold");
  }
}

const longestWords = 200;

/**
 * Every error is the template's: the package reports what it does not know as it reports what is wrong, and a template
 * that calls itself ends with the stack.
 */
const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) throw error;
  const [line = ""] = error.message.split("\n");
  return line.slice(0, longestWords);
};
