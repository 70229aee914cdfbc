import { byCodeUnit, canonical, type Json, type JsonObject } from "../base/canonical.ts";
import type { Reason } from "../base/reason.ts";

/** One reason a differing field between a step's last key document and the one it has now. */
export const whyDifferent = (before: JsonObject, now: JsonObject): Reason[] => {
  const reasons: Reason[] = groups.flatMap(({ code, group }) =>
    changes(before[group], now[group]).map((change) => ({ code, ...change })),
  );
  // Other parameters may well mean other outputs; alone they tell of another program.
  const made = reasons.length === 0 ? [...how(before), before["outputs"] ?? null] : how(before);
  const makes = reasons.length === 0 ? [...how(now), now["outputs"] ?? null] : how(now);
  const [from, to] = [canonical(made), canonical(makes)];
  return from === to ? reasons : [...reasons, { code: "step-version", from, to }];
};

const groups = [
  { code: "parameter", group: "params" },
  { code: "input", group: "inputs" },
  { code: "tool", group: "tool" },
  { code: "numeric-class", group: "numeric" },
] as const;

const how = ({ schema, kind, version }: JsonObject): Json[] => [schema ?? null, kind ?? null, version ?? null];

interface Change {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** Leaves that differ, with dotted names; arrays count as leaves. A leaf that is not there reads as `none`. */
const changes = (before: Json | undefined, now: Json | undefined): Change[] => {
  const [old, young] = [leaves(before ?? {}, []), leaves(now ?? {}, [])];
  const names = [...new Set([...old.keys(), ...young.keys()])].sort(byCodeUnit);
  return names.flatMap((field) => {
    const [from, to] = [old.get(field), young.get(field)];
    if (same(from, to)) return [];
    return [{ field, from: leafText(from), to: leafText(to) }];
  });
};

const same = (a: Json | undefined, b: Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : canonical(a) === canonical(b);

const leaves = (value: Json, path: readonly string[]): Map<string, Json> => {
  const inner = isObject(value) ? Object.entries(value) : [];
  if (inner.length === 0) return new Map(path.length === 0 ? [] : [[path.join("."), value]]);
  return new Map(inner.flatMap(([name, next]) => [...leaves(next, [...path, name])]));
};

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const leafText = (value: Json | undefined): string => {
  if (value === undefined) return "none";
  return typeof value === "string" ? value : canonical(value);
};
