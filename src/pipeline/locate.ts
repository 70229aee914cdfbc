import { isAlias, isMap, isNode, isScalar, isSeq, type Alias, type Node } from "yaml";
import type { Diagnostic, Location } from "../base/diagnostic.ts";
import { keyText, nodeLocation } from "./plain.ts";
import { noteOn, type NoteExtras } from "./note.ts";
import type { Sheet } from "./sheet.ts";

/** Where a value stands in a file: keys and indices from the root. */
export type Path = readonly (string | number)[];

/** One place on the way along a path. */
interface Stop {
  /** The node of the key, for an entry of a mapping. */
  readonly key?: Node;
  /** The value as written, perhaps an alias. */
  readonly written?: Node;
  /** The value, aliases followed. */
  readonly node?: Node;
}

/** The place to point at, and the anchored value behind an alias. */
export interface Spot {
  readonly location: Location;
  readonly related?: NonNullable<Diagnostic["related"]>;
}

/** The value at a path if it is written there, else the nearest key above it. */
export const valueSpot = (sheet: Sheet, path: Path): Spot => {
  const stops = follow(sheet, path);
  const last = stops.at(-1);
  const through = stops.find((stop) => isAlias(stop.written));
  if (through !== undefined) return aliasSpot(sheet, through, last?.node);
  const complete = stops.length === path.length + 1;
  const location = complete && last?.written !== undefined ? nodeLocation(sheet, last.written) : undefined;
  // `key:` has a value of no width; its key is easier to see.
  return location !== undefined && location.start < location.end ? { location } : keySpot(sheet, path);
};

/** The key at a path if it is written there, else the nearest key above it. */
export const keySpot = (sheet: Sheet, path: Path): Spot => {
  const stops = follow(sheet, path);
  const above = stops.slice(0, -1).find((stop) => isAlias(stop.written));
  const last = stops.at(-1);
  if (above !== undefined) return aliasSpot(sheet, above, last?.key ?? last?.node);
  const key = last?.key ?? (isAlias(last?.written) ? last.written : firstKey(last?.node)) ?? last?.written;
  return { location: nodeLocation(sheet, key ?? sheet.root) };
};

/** A diagnostic on the value at a path. */
export const noteValue = (sheet: Sheet, path: Path, message: string, extras: NoteExtras = {}): Diagnostic =>
  noteSpot(valueSpot(sheet, path), message, extras);

/** A diagnostic on the key at a path. */
export const noteKey = (sheet: Sheet, path: Path, message: string, extras: NoteExtras = {}): Diagnostic =>
  noteSpot(keySpot(sheet, path), message, extras);

const noteSpot = ({ location, related = [] }: Spot, message: string, extras: NoteExtras): Diagnostic => {
  const places = [...(extras.related ?? []), ...related];
  return noteOn(location, message, places.length === 0 ? extras : { ...extras, related: places });
};

/** The text of a single value as it is written; undefined for lists, mappings and what is not there. */
export const writtenText = (sheet: Sheet, path: Path): string | undefined => {
  const stops = follow(sheet, path);
  const { node } = stops.at(-1) ?? {};
  if (stops.length !== path.length + 1 || !isScalar(node)) return undefined;
  const { start, end } = nodeLocation(sheet, node);
  return sheet.text.slice(start, end);
};

/** The keys of the mapping at a path in the order in which they are written, which a plain object may not keep. */
export const writtenKeys = (sheet: Sheet, path: Path): readonly string[] => {
  const stops = follow(sheet, path);
  const { node } = stops.at(-1) ?? {};
  if (stops.length !== path.length + 1 || !isMap(node)) return [];
  const keys = node.items.flatMap(({ key }) => (isScalar(key) ? [keyText(key)] : []));
  return [...new Set(keys)].filter((key) => key !== "");
};

const aliasSpot = (sheet: Sheet, through: Stop, behind: Node | undefined): Spot => ({
  location: nodeLocation(sheet, through.written),
  related: [{ message: "the alias stands for this", location: nodeLocation(sheet, behind) }],
});

/** A mapping without a key of its own (the root, an item of a list) is shown by its first key. */
const firstKey = (node: Node | undefined): Node | undefined => {
  const key: unknown = isMap(node) ? node.items[0]?.key : undefined;
  return isNode(key) ? key : undefined;
};

/** The stops along a path, as far as the file goes; the root is the first. */
const follow = (sheet: Sheet, path: Path): readonly Stop[] => {
  const stops: Stop[] = [arrive(sheet, {}, sheet.root)];
  for (const step of path) {
    const next = enter(sheet, stops.at(-1)?.node, step);
    if (next === undefined) break;
    stops.push(next);
  }
  return stops;
};

const enter = (sheet: Sheet, node: Node | undefined, step: string | number): Stop | undefined => {
  if (isSeq(node)) return Number(step) in node.items ? arrive(sheet, {}, node.items[Number(step)]) : undefined;
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && keyText(item.key) === step);
  return pair === undefined || !isScalar(pair.key) ? undefined : arrive(sheet, { key: pair.key }, pair.value);
};

const arrive = (sheet: Sheet, from: Pick<Stop, "key">, value: unknown): Stop => {
  if (!isNode(value)) return from;
  const node = resolved(sheet, value);
  return node === undefined ? { ...from, written: value } : { ...from, written: value, node };
};

const resolved = (sheet: Sheet, node: Node): Node | undefined => {
  if (!isAlias(node)) return node;
  const target: Node | undefined = sheet.links.get(node satisfies Alias);
  return target;
};
