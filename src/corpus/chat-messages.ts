import { err, ok, type Result } from "../base/result.ts";

/** What a chat template gets of a message. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** More are no conversation but a file in the wrong form, and templates look at all messages for each. */
const mostMessages = 2000;

/**
 * A conversation in one of the forms in which data sets hold them: OpenAI's `role` and `content`, which may be a list of
 * text parts, or ShareGPT's `from` and `value`. The error is the rest of a sentence about the record.
 */
export const readMessages = (value: unknown): Result<readonly ChatMessage[], string> => {
  if (!Array.isArray(value)) return err("has no list of messages");
  if (value.length === 0) return err("has an empty list of messages");
  if (value.length > mostMessages) return err(`has ${value.length} messages, more than ${mostMessages}`);
  const messages: ChatMessage[] = [];
  for (const [index, each] of (value as readonly unknown[]).entries()) {
    const message = readMessage(each);
    if (!message.ok) return err(`has ${message.error} (message ${index + 1})`);
    messages.push(message.value);
  }
  return ok(messages);
};

const readMessage = (value: unknown): Result<ChatMessage, string> => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return err("a message that is no object");
  const own = (name: string): unknown =>
    Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  // What a message says with a call is not in its content, and leaving it out would make another conversation of it.
  const call = ["tool_calls", "function_call"].find((name) => isFilled(own(name)));
  if (call !== undefined) return err(`a message with \`${call}\`, which cannot be rendered`);
  if (own("role") === undefined && own("from") !== undefined) return readShareGpt(own("from"), own("value"));
  const role = own("role");
  if (typeof role !== "string" || role === "") return err("a message without a role");
  const content = readContent(own("content"));
  return content.ok ? ok({ role, content: content.value }) : content;
};

const isFilled = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

const shareGptRoles: ReadonlyMap<unknown, string> = new Map([
  ["human", "user"],
  ["user", "user"],
  ["gpt", "assistant"],
  ["assistant", "assistant"],
  ["system", "system"],
]);

const readShareGpt = (from: unknown, value: unknown): Result<ChatMessage, string> => {
  const role = shareGptRoles.get(from);
  if (role === undefined) return err(`a message from ${named(from)}, which is no known speaker`);
  return typeof value === "string" ? ok({ role, content: value.toWellFormed() }) : err("a message without a text");
};

const readContent = (content: unknown): Result<string, string> => {
  if (typeof content === "string") return ok(content.toWellFormed());
  if (!Array.isArray(content)) return err("a message without content");
  const texts: string[] = [];
  for (const part of content as readonly unknown[]) {
    const text = readPart(part);
    if (!text.ok) return text;
    texts.push(text.value);
  }
  return ok(texts.join("\n").toWellFormed());
};

const readPart = (part: unknown): Result<string, string> => {
  if (typeof part === "string") return ok(part);
  const { type, text } = (part ?? {}) as { readonly type?: unknown; readonly text?: unknown };
  if (type === "text" && typeof text === "string") return ok(text);
  return err(`a part of type ${named(type)}, which is no text`);
};

const named = (value: unknown): string => (typeof value === "string" ? `\`${value.slice(0, 40)}\`` : "unknown");
