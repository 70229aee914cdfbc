import { byCodeUnit, canonical } from "../base/canonical.ts";
import type { PinChange } from "../base/pin-change.ts";
import type { ModelPin, Pins, SourcePin } from "./pins.ts";

/** How many files of a source are named. */
const mostNamed = 5;

/** What differs, in the order in which it enters a run. What is not known yet (the manifest) differs from nothing. */
export const pinChanges = (before: Pins, now: Pins): PinChange[] => [
  ...changed("program", "version", before.program, now.program),
  ...changed("model", "sha256", before.model.sha256, now.model.sha256),
  ...modelChanges(before.model, now.model),
  ...sourceChanges(before, now),
  ...(before.manifest === null || now.manifest === null
    ? []
    : changed("manifest", "sha256", before.manifest, now.manifest)),
  ...toolchainChanges(before.toolchain, now.toolchain),
  ...settingChanges(before, now),
];

const changed = (what: PinChange["what"], name: string, from: string | null, to: string | null): PinChange[] =>
  from === to ? [] : [{ what, name, from, to }];

/** A branch may have moved although the file is the same; a model that came from a path has none. */
const modelChanges = (before: ModelPin, now: ModelPin): PinChange[] =>
  (["repository", "commit"] as const).flatMap((name) =>
    before[name] === undefined || now[name] === undefined ? [] : changed("model", name, before[name], now[name]),
  );

const sourceChanges = (before: Pins, now: Pins): PinChange[] =>
  both(before.sources, now.sources).flatMap(([id, from, to]) => {
    if (from?.digest === to?.digest) return [];
    const change: PinChange = { what: "source", name: id, from: from?.digest ?? null, to: to?.digest ?? null };
    const files = fileChanges(from, to);
    return [
      files.length === 0 ? change : { ...change, files: { count: files.length, first: files.slice(0, mostNamed) } },
    ];
  });

/** None where one side has no list. */
const fileChanges = (from: SourcePin | undefined, to: SourcePin | undefined): string[] => {
  if (from === undefined || to === undefined || from.files === null || to.files === null) return [];
  return both(from.files, to.files).flatMap(([name, one, other]) => (one === other ? [] : [name]));
};

const toolchainChanges = (before: Pins["toolchain"], now: Pins["toolchain"]): PinChange[] =>
  (["version", "sha256", "backend", "device", "isa"] as const).flatMap((name) =>
    changed("toolchain", name, before[name], now[name]),
  );

const settingChanges = (before: Pins, now: Pins): PinChange[] =>
  both(before.settings, now.settings).flatMap(([key, from, to]) =>
    changed("setting", key, from === undefined ? null : canonical(from), to === undefined ? null : canonical(to)),
  );

/** Values by name on both sides, sorted. Through maps, for a file may be called `constructor`. */
const both = <T>(
  before: Readonly<Record<string, T>>,
  now: Readonly<Record<string, T>>,
): [string, T | undefined, T | undefined][] => {
  const [from, to] = [new Map(Object.entries(before)), new Map(Object.entries(now))];
  const names = [...new Set([...from.keys(), ...to.keys()])].sort(byCodeUnit);
  return names.map((name) => [name, from.get(name), to.get(name)]);
};
