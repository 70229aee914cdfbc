import type { FixedFormat } from "./pipeline.ts";

/** What a file's name says about its content. */
export interface NamedFormat {
  readonly format: FixedFormat;
  readonly compressed: boolean;
}

const byEnding: Readonly<Record<string, FixedFormat>> = { jsonl: "jsonl", ndjson: "jsonl", csv: "csv", tsv: "csv" };

/** The format that `auto` stands for: by the ending of the name, `.gz` and `.zst` taken off, in any case. */
export const formatByName = (name: string): NamedFormat => {
  const plain = name.replace(/\.(?:gz|zst)$/i, "");
  const ending = /\.([a-z]+)$/i.exec(plain)?.[1]?.toLowerCase() ?? "";
  return { format: byEnding[ending] ?? "text", compressed: plain !== name };
};

/** Whether the documents of a format are records with fields. */
export const hasFields = (format: FixedFormat): boolean => format === "jsonl" || format === "csv";
