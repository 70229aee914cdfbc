import type * as z from "zod";
import type { Path } from "./locate.ts";

type Issue = z.core.$ZodIssue;

/** One thing that is wrong with a value, independent of the validation library. */
export interface Fault {
  readonly kind: "unknown-key" | "missing" | "value";
  readonly path: Path;
  /** Completes "must be …". */
  readonly must: string;
  /** Replaces the whole message. */
  readonly sentence?: string;
  readonly help?: string;
  /** The value that is there. */
  readonly found: unknown;
  /** A list without the entries it must have. */
  readonly empty: boolean;
  readonly wantsText: boolean;
}

/** The faults behind a library's issues: one a place, and of a union only those of the branch that was meant. */
export const faultsOf = (issues: readonly Issue[], value: unknown): readonly Fault[] => {
  const faults = new Map<string, Fault>();
  for (const fault of issues.flatMap((issue) => faultOf(issue, value, []))) {
    const place = JSON.stringify(fault.path);
    if (!faults.has(place)) faults.set(place, fault);
  }
  return [...faults.values()];
};

const faultOf = (issue: Issue, value: unknown, above: Path): readonly Fault[] => {
  const path = [...above, ...issue.path.map(step)];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, issue.message));
  const branch = issue.code === "invalid_union" ? meantBranch(issue.errors) : undefined;
  if (branch !== undefined) return branch.flatMap((inner) => faultOf(inner, value, path));
  return [valueFault(issue, path, value)];
};

const step = (key: PropertyKey): string | number => (typeof key === "symbol" ? String(key) : key);

const unknownKey = (path: Path, key: string, must: string): Fault => ({
  kind: "unknown-key",
  path: [...path, key],
  must,
  found: undefined,
  empty: false,
  wantsText: false,
});

/** The only branch that takes a value of this kind (text, list, mapping); undefined when none or several do. */
const meantBranch = (branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined => {
  const fitting = branches.filter((branch) => !branch.some(wrongKind));
  return fitting.length === 1 ? fitting[0] : undefined;
};

const wrongKind = (issue: Issue): boolean => {
  if (issue.path.length > 0) return false;
  return issue.code === "invalid_type" || (issue.code === "invalid_union" && meantBranch(issue.errors) === undefined);
};

const valueFault = (issue: Issue, path: Path, value: unknown): Fault => {
  const found = valueAt(value, path);
  const params: unknown = issue.code === "custom" ? issue.params : undefined;
  return {
    kind: found === undefined ? "missing" : "value",
    path,
    must: issue.message,
    ...textIn(params, "sentence"),
    ...textIn(params, "help"),
    found,
    empty: issue.code === "too_small" && issue.origin === "array",
    wantsText: issue.code === "invalid_type" && issue.expected === "string",
  };
};

const textIn = (params: unknown, name: "sentence" | "help"): { readonly [key in typeof name]?: string } => {
  const text = valueAt(params, [name]);
  return typeof text === "string" ? { [name]: text } : {};
};

/** The plain value at a path; undefined when there is none. */
export const valueAt = (value: unknown, path: Path): unknown => path.reduce<unknown>(member, value);

const member = (value: unknown, name: string | number): unknown => {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
};
