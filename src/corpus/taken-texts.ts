import { limitsOf, documentOf, type NamedFile, type Reading } from "./reading.ts";
import { readUtf8 } from "./chunks.ts";
import { readingOfFlaw } from "./json-records.ts";
import { openFile } from "./open-file.ts";
import { splitLines } from "./split-lines.ts";
import type { Taken } from "./take.ts";

/** How a text of a dataset is kept: a line of JSON. */
interface TakenLine {
  readonly name: string;
  readonly text?: string;
  /** Why there is no text. */
  readonly why?: string;
}

export const takenLine = ({ name, text }: Taken): string => {
  const line: TakenLine = text.ok ? { name, text: text.value } : { name, why: text.error };
  return `${JSON.stringify(line)}\n`;
};

/** Documents of a file of such lines, each under its name in the dataset. */
export async function* readTaken({ name, path }: NamedFile, maxLength: number): AsyncGenerator<Reading[], void> {
  const file = openFile(path);
  if (!file.ok) {
    yield [{ kind: "unreadable", name, why: file.error }];
    return;
  }
  const limits = limitsOf(maxLength);
  try {
    for await (const lines of splitLines(readUtf8(file.value), limits.recordBytes))
      yield lines
        .filter((line) => line.kind !== "line" || line.text !== "")
        .map((line) => {
          if (line.kind !== "line") return readingOfFlaw({ name, path }, line);
          const taken = JSON.parse(line.text) as TakenLine;
          if (taken.text === undefined) return { kind: "unreadable", name: taken.name, why: `it ${taken.why ?? ""}` };
          return documentOf(taken.name, taken.name, taken.text, limits);
        });
  } finally {
    file.value.close();
  }
}
