import { lstatSync, readdirSync, realpathSync, statSync, type Dirent } from "node:fs";
import { byCodeUnit } from "../base/canonical.ts";
import type { Globbed, Oddity } from "../pipeline/reader.ts";
import { oddityOf } from "./oddity.ts";

/** Stands for the directory in virtual names. */
export const virtualRoot = "/root";

/** Line breaks as characters that Unicode keeps for internal use, because no wildcard of a glob matches a line break. */
const breaks = new Map(["\n", "\r", "\u2028", "\u2029"].map((character, index) => [character, 0xfdd0 + index]));

export const virtualName = (name: string): string =>
  name.replaceAll(/[\n\r\u2028\u2029]/g, (character) => String.fromCharCode(breaks.get(character) ?? 0));

/** What is the same for two ways into a directory that lead to the same matches. */
export type VisitKey = (place: Place) => string;

/** A directory on one way into it. */
export interface Place {
  readonly path: string;
  /** The same without links. */
  readonly real: string;
  /** Steps below the root. */
  readonly depth: number;
  readonly above?: Place;
}

/** What a walker asks of an entry of a directory. */
export interface Shown {
  readonly name: string;
  readonly isFile: () => boolean;
  readonly isDirectory: () => boolean;
  readonly isSymbolicLink: () => boolean;
}

/** Names by which a directory is entered where it is not known that one is enough. */
const mostNames = 32;

/**
 * A directory tree for a walker that knows only files and directories: links are followed, circles of links end, and
 * what is neither is shown as a file and remembered, so that it is seen whether the glob matches it.
 */
export class NameTree {
  readonly #visitKey: VisitKey | undefined;
  readonly #places = new Map<string, Place>();
  readonly #visits = new Map<string, number>();
  /** By virtual path: paths where the names differ, real paths of files behind links, and what is no file. */
  readonly #paths = new Map<string, string>();
  readonly #reals = new Map<string, string>();
  readonly #odd = new Map<string, Oddity>();
  /** Directories that cannot be walked. */
  readonly #shut: { readonly path: string; readonly kind: Oddity }[] = [];

  constructor(directory: string, visitKey: VisitKey | undefined) {
    this.#visitKey = visitKey;
    this.#places.set(virtualRoot, { path: directory, real: realPath(directory), depth: 0 });
  }

  /** Entries of a directory by its virtual path, in the order of the paths below it. */
  readonly list = (asked: string): readonly Shown[] => {
    const virtual = asked.replace(/\/+$/, "");
    const place = this.#placeAt(virtual);
    if (!this.#enter(place)) return [];
    const shown = this.#read(place).map((entry) => this.#show(place, virtual, entry));
    return shown.sort((a, b) => byCodeUnit(sortName(a), sortName(b)));
  };

  /** What virtual paths of files stand for. */
  describe(matched: readonly string[]): Globbed {
    const files = matched.filter((virtual) => !this.#odd.has(virtual)).map((virtual) => this.#describeFile(virtual));
    const odd = matched.flatMap((virtual) => {
      const kind = this.#odd.get(virtual);
      return kind === undefined ? [] : [{ path: this.#describeFile(virtual).path, kind }];
    });
    return { files, odd: [...odd, ...this.#shut] };
  }

  #describeFile(virtual: string): { readonly path: string; readonly real: string } {
    const cut = virtual.lastIndexOf("/");
    const place = this.#placeAt(virtual.slice(0, cut));
    const path = this.#paths.get(virtual) ?? below(place.path, virtual.slice(cut + 1));
    const name = path.slice(path.lastIndexOf("/") + 1);
    return { path, real: this.#reals.get(virtual) ?? below(place.real, name) };
  }

  /** A walker may begin further down, where a pattern has names without wildcards. */
  #placeAt(virtual: string): Place {
    const known = this.#places.get(virtual);
    if (known !== undefined) return known;
    const cut = virtual.lastIndexOf("/");
    if (cut <= 0) throw new Error(`Internal error: ${virtual} is not below the root`);
    const above = this.#placeAt(virtual.slice(0, cut));
    const path = below(above.path, diskName(virtual.slice(cut + 1)));
    const place = { path, real: realPath(path), depth: above.depth + 1, above };
    this.#places.set(virtual, place);
    return place;
  }

  #enter(place: Place): boolean {
    if (this.#visitKey === undefined && isCircle(place)) return false;
    const key = this.#visitKey === undefined ? place.real : this.#visitKey(place);
    const visits = this.#visits.get(key) ?? 0;
    this.#visits.set(key, visits + 1);
    if (this.#visitKey !== undefined) return visits === 0;
    if (visits === mostNames) this.#shut.push({ path: place.path, kind: "maze" });
    return visits < mostNames;
  }

  #read({ path }: Place): readonly Dirent[] {
    try {
      return readdirSync(path, { withFileTypes: true });
    } catch (error) {
      const gone = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
      if (!gone) this.#shut.push({ path, kind: "closed-directory" });
      else if (isForeign(path)) this.#shut.push({ path, kind: "foreign-name" });
      return [];
    }
  }

  #show(place: Place, directory: string, entry: Dirent): Shown {
    const name = virtualName(entry.name);
    const virtual = `${directory}/${name}`;
    const path = below(place.path, entry.name);
    if (name !== entry.name) this.#paths.set(virtual, path);
    if (entry.isSymbolicLink()) return this.#follow(place, virtual, path, name);
    if (entry.isDirectory())
      return this.#showDirectory(place, virtual, { path, real: below(place.real, entry.name) }, name);
    if (!entry.isFile()) this.#odd.set(virtual, oddityOf(entry));
    else if (isForeign(entry.name) && !isThere(path)) this.#odd.set(virtual, "foreign-name");
    return shownFile(name);
  }

  #follow(place: Place, virtual: string, path: string, name: string): Shown {
    const stats = statOf(path);
    if (stats?.isDirectory() === true) return this.#showDirectory(place, virtual, { path, real: realPath(path) }, name);
    if (stats?.isFile() === true) this.#reals.set(virtual, realPath(path));
    else this.#odd.set(virtual, stats === undefined ? "broken-link" : oddityOf(stats));
    return shownFile(name);
  }

  #showDirectory(above: Place, virtual: string, paths: Pick<Place, "path" | "real">, name: string): Shown {
    this.#places.set(virtual, { ...paths, depth: above.depth + 1, above });
    return { ...shownFile(name), isFile: () => false, isDirectory: () => true };
  }
}

const shownFile = (name: string): Shown => ({
  name,
  isFile: () => true,
  isDirectory: () => false,
  isSymbolicLink: () => false,
});

/** What is below `a-b` comes before what is below `a`, because `-` comes before `/`. */
const sortName = (shown: Shown): string => (shown.isDirectory() ? `${shown.name}/` : shown.name);

/** Whether the way to a place went through the same directory before. */
const isCircle = ({ real, above }: Place): boolean => {
  for (let place = above; place !== undefined; place = place.above) if (place.real === real) return true;
  return false;
};

const below = (directory: string, name: string): string =>
  directory.endsWith("/") ? `${directory}${name}` : `${directory}/${name}`;

const diskName = (name: string): string =>
  [...breaks].reduce((text, [character, code]) => text.replaceAll(String.fromCharCode(code), character), name);

/** Whether a name had bytes that are no UTF-8, or else really holds the character that stands for such bytes. */
const isForeign = (name: string): boolean => name.includes("\ufffd");

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const statOf = (path: string): ReturnType<typeof statSync> | undefined => {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
};

const realPath = (path: string): string => {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
};
