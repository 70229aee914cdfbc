import { constants } from "node:buffer";

/** How a file holds its documents. */
export interface RecordFormat {
  readonly format: "text" | "lines" | "jsonl" | "csv";
  /** Where the text is: a dotted path in a JSON record, or the name of a column. */
  readonly field: string;
  /** Where the value is that records of one group share, such as a patient's number. */
  readonly group: string | undefined;
}

/** What reading gives for a document, or why it gives none. */
export type Reading =
  | {
      readonly kind: "document";
      readonly name: string;
      readonly group: string;
      /** Decoded, not yet cleaned. */
      readonly text: string;
    }
  | { readonly kind: "too-long"; readonly name: string }
  | {
      readonly kind: "unreadable";
      readonly name: string;
      /** The rest of a sentence, such as "it is not valid UTF-8 (byte 17)". */
      readonly why: string;
    };

/** A file of a source. */
export interface NamedFile {
  readonly name: string;
  readonly path: string;
}

const compression = /\.(?:gz|zst)$/i;

/** The format that a file's name tells of, whether it is compressed or not. */
export const formatOf = (name: string): RecordFormat["format"] => {
  const plain = name.replace(compression, "");
  if (/\.(?:jsonl|ndjson)$/i.test(plain)) return "jsonl";
  return /\.(?:csv|tsv)$/i.test(plain) ? "csv" : "text";
};

export const isTabSeparated = (name: string): boolean => /\.tsv$/i.test(name.replace(compression, ""));

/** What a file may hold. */
export interface Limits {
  /** UTF-16 code units of a document */
  readonly characters: number;
  /** Bytes of a text that is no longer than that, a byte order mark included. */
  readonly textBytes: number;
  /** Bytes of a record: its text in JSON's longest spelling, and other fields. */
  readonly recordBytes: number;
}

/** UTF-8 has three bytes for a code unit at most: four are for the two units of one character. */
const bytesPerUnit = 3;
const markBytes = 3;

/** Bytes for a code unit in JSON, which writes six where it escapes one, and room for what else a record holds. */
const recordBytesPerUnit = 8;
const recordRoom = 1024 * 1024;

/** Whatever is asked, no more than can be decoded: a text longer than V8's longest string would end the program. */
const longestText = Math.floor(constants.MAX_STRING_LENGTH / bytesPerUnit);

export const limitsOf = (maxLength: number): Limits => {
  const characters = Math.min(maxLength, longestText);
  const recordBytes = Math.min(characters * recordBytesPerUnit + recordRoom, constants.MAX_STRING_LENGTH);
  return { characters, textBytes: characters * bytesPerUnit + markBytes, recordBytes };
};

/** A document, unless it is too long. */
export const documentOf = (name: string, group: string, text: string, limits: Limits): Reading =>
  text.length > limits.characters ? { kind: "too-long", name } : { kind: "document", name, group, text };
