import { byCodeUnit, canonical, type Json, type JsonObject } from "../base/canonical.ts";
import type { Reason } from "../base/reason.ts";

/** One reason a differing field between a step's last key document and the one it has now. */
export const whyDifferent = (before: JsonObject, now: JsonObject): Reason[] => [
  ...changes(before["params"], now["params"]).map(
    ({ field, from, to }) => ({ code: "parameter", field, from, to }) as const,
  ),
  ...changes(before["inputs"], now["inputs"]).map(
    ({ field, from, to }) => ({ code: "input", field, from, to }) as const,
  ),
  ...changes(before["tool"], now["tool"]).map(({ field, from, to }) => ({ code: "tool", field, from, to }) as const),
  ...changes(before["numeric"], now["numeric"]).map(
    ({ field, from, to }) => ({ code: "numeric-class", field, from, to }) as const,
  ),
  ...changes(version(before), version(now)).map(({ from, to }) => ({ code: "step-version", from, to }) as const),
];

const version = ({ schema, kind, version: step, outputs }: JsonObject): JsonObject => ({
  version: [schema ?? null, kind ?? null, step ?? null, outputs ?? null],
});

interface Change {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** Leaves that differ, with dotted names; arrays count as leaves. A leaf that is not there reads as `none`. */
const changes = (before: Json | undefined, now: Json | undefined): Change[] => {
  const [old, young] = [leaves(before, ""), leaves(now, "")];
  const names = [...new Set([...old.keys(), ...young.keys()])].sort(byCodeUnit);
  return names
    .map((field) => ({ field, from: old.get(field) ?? "none", to: young.get(field) ?? "none" }))
    .filter(({ from, to }) => from !== to);
};

const leaves = (value: Json | undefined, name: string): Map<string, string> => {
  if (value === undefined || value === null) return new Map();
  if (typeof value !== "object" || Array.isArray(value)) return new Map([[name, leafText(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, name === "" ? key : `${name}.${key}`)]),
  );
};

const leafText = (value: Json): string => (typeof value === "string" ? value : canonical(value));
