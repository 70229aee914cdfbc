import { globSync } from "tinyglobby";
import type { readdirSync } from "node:fs";
import type { Globbed } from "../pipeline/reader.ts";
import { NameTree, virtualName, virtualRoot, type VisitKey } from "./name-tree.ts";

/**
 * What matches a glob below a directory. tinyglobby matches and walks, but over names that `NameTree` gives it: by itself
 * it passes over pipes and broken links, lists a file many times where links form a circle, cannot match a line break
 * with `**`, and takes a backslash in the directory's path for something else.
 */
export const globDisk = (pattern: string, directory: string): Globbed => {
  const tree = new NameTree(directory, visitKey(pattern));
  const matched = globSync(virtualPattern(pattern), {
    cwd: virtualRoot,
    absolute: true,
    dot: false,
    expandDirectories: false,
    // Of all that it may ask, it asks only this when it is told of no links.
    fs: { readdirSync: tree.list as unknown as typeof readdirSync },
  });
  return tree.describe(matched);
};

/** A `!` negates only as `!(…)`; at the start of a name it is a character like any other. */
const virtualPattern = (pattern: string): string => virtualName(pattern).replaceAll(/(^|\/)!(?!\()/g, String.raw`$1\!`);

/**
 * When two ways into one directory lead to the same matches, so that one of them is enough: below `**` always, if only
 * the name of a file comes after it; elsewhere at one depth. Undefined for patterns of which this cannot be said.
 */
const visitKey = (pattern: string): VisitKey | undefined => {
  const parts = pattern.split("/");
  const first = parts.indexOf("**");
  const grouped = /[{([][^})\]]*\//.test(pattern);
  if (grouped || (first >= 0 && first < parts.length - 2)) return undefined;
  return ({ real, depth }) => `${first < 0 ? depth : Math.min(depth, first)} ${real}`;
};
