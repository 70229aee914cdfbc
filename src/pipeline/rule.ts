import type { Diagnostic } from "../base/diagnostic.ts";
import type { Ask } from "./ask.ts";
import type { Path } from "./locate.ts";
import type { Sheet } from "./sheet.ts";

/** What a rule looks at: the file, and its single values as far as they are right. */
export interface Subject {
  readonly sheet: Sheet;
  readonly ask: Ask;
}

/** One sentence that holds in every good pipeline file, and the places where it does not hold in this one. */
export type Rule = (subject: Subject) => readonly Diagnostic[];

export const sourcesPath: Path = ["corpus", "sources"];
