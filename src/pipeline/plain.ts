import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Alias,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Diagnostic, Location } from "../base/diagnostic.ts";
import { tooDeep } from "./syntax.ts";
import { locationAt, noteOn, type NoteExtras, type Origin } from "./note.ts";

/** What the aliases of a document stand for; a broken alias is not in it. */
export type Links = ReadonlyMap<Alias, Node>;

/** The value of a node tree, and the problems that a schema cannot see. */
export interface PlainReading {
  readonly value: unknown;
  readonly links: Links;
  readonly notes: readonly Diagnostic[];
}

/** Values that all aliases of a file may add up to; a few lines of aliases of aliases can stand for billions. */
export const maxAliasedValues = 10_000;
const maxDepth = 100;

interface Visit {
  readonly origin: Origin;
  readonly links: Map<Alias, Node>;
  readonly notes: Diagnostic[];
  readonly anchors: Map<string, Node>;
  readonly open: Set<Node>;
  readonly done: Map<Node, Sized>;
  aliased: number;
}
interface Sized {
  readonly value: unknown;
  /** Nodes, aliases expanded. */
  readonly size: number;
}

/**
 * Turns nodes into plain data. Written here and not left to the library, which throws at the first bad alias and does
 * not say where; this notes each one and goes on with null in its place.
 */
export const plain = (origin: Origin, root: Node): PlainReading => {
  const visit: Visit = {
    origin,
    links: new Map(),
    notes: [],
    anchors: new Map(),
    open: new Set(),
    done: new Map(),
    aliased: 0,
  };
  const { value } = read(visit, root);
  return { value, links: visit.links, notes: visit.notes };
};

const nothing: Sized = { value: null, size: 1 };

const read = (visit: Visit, node: unknown): Sized => {
  if (isAlias(node)) return readAlias(visit, node);
  if (isScalar(node)) return remember(visit, node, () => ({ value: node.value, size: 1 }));
  if (isMap(node)) return remember(visit, node, () => readMap(visit, node));
  if (isSeq(node)) return remember(visit, node, () => readItems(visit, node.items));
  return nothing;
};

const remember = (visit: Visit, node: Node & { anchor?: string }, make: () => Sized): Sized => {
  if (node.anchor !== undefined) visit.anchors.set(node.anchor, node);
  if (visit.open.size >= maxDepth) return refuse(visit, node, tooDeep);
  visit.open.add(node);
  const made = make();
  visit.open.delete(node);
  visit.done.set(node, made);
  return made;
};

const readItems = (visit: Visit, items: readonly unknown[]): Sized => {
  const parts = items.map((item) => read(visit, item));
  return { value: parts.map((part) => part.value), size: total(parts) };
};

const total = (parts: readonly Sized[]): number => parts.reduce((sum, part) => sum + part.size, 1);

const readMap = (visit: Visit, map: YAMLMap): Sized => {
  const keys = new Map<string, Scalar>();
  const entries: [string, Sized][] = [];
  for (const pair of map.items) {
    const name = readKey(visit, keys, pair);
    const part = read(visit, pair.value);
    if (name !== undefined) entries.push([name, part]);
  }
  // `fromEntries` defines properties and does not assign them, so that a key `__proto__` stays a key.
  const value = Object.fromEntries(entries.map(([name, part]) => [name, part.value]));
  return { value, size: total(entries.map(([, part]) => part)) };
};

/** The key as text; undefined when it is none or came before. */
const readKey = (visit: Visit, keys: Map<string, Scalar>, { key }: Pair): string | undefined => {
  if (!isScalar(key)) {
    refuse(visit, key, "a key must be plain text");
    return undefined;
  }
  const name = keyText(key);
  if (name === "") {
    refuse(visit, key, "there is no key before this `:`");
    return undefined;
  }
  const first = keys.get(name);
  if (first === undefined) {
    keys.set(name, key);
    return name;
  }
  const related = [{ message: `\`${name}\` is first given here`, location: span(visit, first) }];
  refuse(visit, key, `\`${name}\` is given twice`, { help: "keep one of the two", related });
  return undefined;
};

/** How a key is named in the plain value: as it is written, so that `1.0` and `1` stay apart. */
export const keyText = (key: Scalar): string => key.source ?? "";

const readAlias = (visit: Visit, alias: Alias): Sized => {
  const target = visit.anchors.get(alias.source);
  if (target === undefined) return refuseUnknown(visit, alias);
  if (visit.open.has(target)) return refuseCycle(visit, alias, target);
  const made = visit.done.get(target) ?? nothing;
  const before = visit.aliased;
  visit.aliased += made.size;
  if (visit.aliased > maxAliasedValues) return before > maxAliasedValues ? nothing : refuseBomb(visit, alias);
  visit.links.set(alias, target);
  return made;
};

const refuseUnknown = (visit: Visit, alias: Alias): Sized => {
  const help = "a value that begins with `*` is an alias: put a glob in quotes";
  return refuse(visit, alias, `there is no anchor \`&${alias.source}\` before this alias`, { help });
};

const refuseCycle = (visit: Visit, alias: Alias, target: Node): Sized => {
  const related = [{ message: `\`&${alias.source}\` begins here`, location: span(visit, target) }];
  return refuse(visit, alias, `the alias \`*${alias.source}\` contains itself`, { related });
};

const refuseBomb = (visit: Visit, alias: Alias): Sized => {
  const message = `the aliases of this file stand for more than ${String(maxAliasedValues)} values`;
  return refuse(visit, alias, message, { help: "write the values out, or use fewer aliases" });
};

const refuse = (visit: Visit, node: unknown, message: string, extras?: NoteExtras): Sized => {
  visit.notes.push(noteOn(span(visit, node), message, extras));
  return nothing;
};

const span = (visit: Visit, node: unknown): Location => nodeLocation(visit.origin, isNode(node) ? node : undefined);

/** Where a node stands in its file, without its anchor; the very beginning for none. */
export const nodeLocation = (origin: Origin, node: Node | undefined): Location =>
  locationAt(origin, node?.range?.[0] ?? 0, node?.range?.[1] ?? 0);
