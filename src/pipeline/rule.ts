import type { Diagnostic } from "../base/diagnostic.ts";
import type { Ask } from "./ask.ts";
import { noteValue, valueSpot, type Path } from "./locate.ts";
import type { Sheet } from "./sheet.ts";

/** What a rule looks at: the file, and its single values as far as they are right. */
export interface Subject {
  readonly sheet: Sheet;
  readonly ask: Ask;
}

/** One sentence that holds in every good pipeline file, and the places where it does not hold in this one. */
export type Rule = (subject: Subject) => readonly Diagnostic[];

export const sourcesPath: Path = ["corpus", "sources"];

/** Notes every name that came before; `name` is silent where there is none to judge by. */
export const repeated = (
  { sheet }: Subject,
  paths: readonly Path[],
  name: (path: Path) => string | undefined,
  what: string,
): readonly Diagnostic[] => {
  const first = new Map<string, Path>();
  return paths.flatMap((path) => {
    const text = name(path);
    const before = text === undefined ? undefined : first.get(text);
    if (text !== undefined && before === undefined) first.set(text, path);
    if (text === undefined || before === undefined) return [];
    const related = [{ message: `\`${text}\` is first given here`, location: valueSpot(sheet, before).location }];
    return [noteValue(sheet, path, `the ${what} \`${text}\` is given twice`, { related })];
  });
};
