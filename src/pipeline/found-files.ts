import { relative } from "node:path";
import { byCodeUnit } from "../base/canonical.ts";
import { noteValue, type Path } from "./locate.ts";
import { oddWords } from "./odd.ts";
import type { SourceFile } from "./pipeline.ts";
import type { Globbed } from "./reader.ts";
import type { Search } from "./search.ts";
import { matchGlob, namedFiles } from "./source-files.ts";

/** The files that the globs at a path stand for; undefined when one of them is not right, which is noted. */
export const findGlobs = async (
  search: Search,
  written: string | readonly string[],
  path: Path,
): Promise<readonly SourceFile[] | undefined> => {
  const globs = typeof written === "string" ? [{ glob: written, at: path }] : each(written, path);
  const matches = [];
  for (const { glob, at } of globs) {
    const match = await matchGlob(search.reader, glob, search.folder);
    if (match.odd.length > 0) noteOdd(search, glob, at, match.odd);
    else if ("help" in match) search.notes.push(noFile(search, glob, at, match.help));
    else matches.push(match);
  }
  return matches.length === globs.length ? namedFiles(matches) : undefined;
};

const each = (globs: readonly string[], path: Path) => globs.map((glob, item) => ({ glob, at: [...path, item] }));

const noFile = (search: Search, glob: string, at: Path, help: string) =>
  noteValue(search.sheet, at, `\`${glob}\` matches no file`, { help });

/** What is no file is told once a glob: one name is enough to find the others. */
const noteOdd = (search: Search, glob: string, at: Path, odd: Globbed["odd"]): void => {
  const [first, ...others] = [...odd].sort((a, b) => byCodeUnit(a.path, b.path));
  if (first === undefined) return;
  const shown = glob.startsWith("/") ? first.path : relative(search.folder, first.path);
  const words = oddWords[first.kind];
  const more = others.length === 0 ? "" : ` (and ${String(others.length)} more that can be no text)`;
  search.notes.push(noteValue(search.sheet, at, `\`${shown}\` is ${words.is}${more}`, { help: words.help }));
};
