import { err, ok } from "../base/result.ts";
import { readMessages } from "./chat-messages.ts";
import { renderMessages, type ChatTemplate } from "./chat.ts";
import { lacking, valueAt, type TextOf } from "./json-records.ts";
import { limitsOf, type NamedFile, type Reading } from "./reading.ts";
import { readJsonRecords } from "./records.ts";

/** Where a JSON record has its messages. */
export interface ChatFormat {
  /** Dotted path; `messages` is what most data sets have. A record that is a list is the conversation itself. */
  readonly field: string;
  readonly group: string | undefined;
}

/** Conversations of a file of JSON Lines → documents with the text that the model would see. */
export const readChats = (
  file: NamedFile,
  { field, group }: ChatFormat,
  template: ChatTemplate,
  maxLength: number,
): AsyncGenerator<Reading[], void> => readJsonRecords(file, group, rendered(field, template, maxLength), maxLength);

const rendered = (field: string, template: ChatTemplate, maxLength: number): TextOf => {
  const { characters } = limitsOf(maxLength);
  return (record) => {
    if (typeof record !== "object" || record === null) return err("is no JSON object");
    const value = Array.isArray(record) ? record : valueAt(record, field);
    if (value === undefined) return err(lacking(field, record));
    const messages = readMessages(value);
    if (!messages.ok) return messages;
    // Rendering only adds, and is not tried where it could be for nothing.
    const length = messages.value.reduce((sum, { content }) => sum + content.length, 0);
    return length > characters ? ok(undefined) : renderMessages(template, messages.value);
  };
};
