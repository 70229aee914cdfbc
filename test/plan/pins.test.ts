import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import type { Pipeline } from "../../src/pipeline/pipeline.ts";
import { parsePins } from "../../src/plan/parse-pins.ts";
import { pinChanges } from "../../src/plan/pin-changes.ts";
import { pinsOf, pinsText, type Pins } from "../../src/plan/pins.ts";
import { describeChange } from "../../src/report/describe-lock.ts";
import { small, toolchain } from "./pipelines.ts";

const pinned = (pipeline: Pipeline = small, bytes = "", tools = toolchain): Pins =>
  pinsOf(pipeline, tools, "0.1.0", { digestOf: (path) => sha256(path + bytes), sizeOf: () => 7 });

const withSource = (change: object): Pipeline => ({
  ...small,
  corpus: {
    ...small.corpus,
    sources: small.corpus.sources.map((source, i) => (i === 0 ? { ...source, ...change } : source)),
  },
});

const told = (before: Pins, now: Pins): string[] => pinChanges(before, now).map(describeChange);

describe("pins", () => {
  test("are the same text however the pipeline was loaded, and are read back whole", () => {
    const text = pinsText(pinned());
    expect(parsePins(text)).toEqual(pinned());
    const { settings, ...rest } = pinned();
    const turned = Object.fromEntries(Object.entries(settings).toReversed());
    expect(pinsText({ settings: turned, ...rest })).toBe(text);
    expect(pinChanges(pinned(), parsePins(text)!)).toEqual([]);
  });

  test("hold no path, and nothing of a machine", () => {
    expect(pinsText(pinned())).not.toMatch(/\/home|\/opt|\/ada/);
    const moved = {
      ...small,
      file: "/elsewhere/small.yaml",
      timeouts: { stall: 1 },
      llamaCpp: { version: "*", backend: "auto" },
    } as const;
    expect(told(pinned(), pinned(moved))).toEqual([]);
  });

  test.each(["", "{", "null", "[]", "{}", '{"schema":2}', "<<<<<<< HEAD\n{}"])("%j is no lock file", (text) => {
    expect(parsePins(text)).toBeUndefined();
  });

  test("are not read from a text that lacks a part or has it wrong", () => {
    const value = JSON.parse(pinsText(pinned())) as Record<string, unknown>;
    const damaged = Object.keys(value).flatMap((name) =>
      [undefined, 5, []].map((part) => JSON.stringify({ ...value, [name]: part })),
    );
    expect(damaged.filter((text) => parsePins(text) !== undefined)).toEqual([]);
    expect(parsePins(JSON.stringify({ ...value, sources: { notes: { digest: "a", files: { "a.txt": 5 } } } }))).toBe(
      undefined,
    );
  });
});

describe("what differs", () => {
  test("is told one line a thing, in the order in which it enters a run", () => {
    const files = [
      { path: "/home/ada/notes/a.txt", name: "a.txt" },
      { path: "/home/ada/notes/c.txt", name: "c.txt" },
    ];
    const changed = { ...withSource({ files, share: 0.7 }), validate: { ...small.validate, units: 64 } };
    const now = { ...pinned(changed, "", { ...toolchain, version: "0.7.0" }), program: "0.2.0" };
    expect(told(pinned(), { ...now, model: { ...now.model, sha256: "98cd".repeat(16) } })).toEqual([
      "this program 0.1.0 → 0.2.0",
      `model sha256 ${pinned().model.sha256.slice(0, 12)}… → 98cd98cd98cd…`,
      "corpus notes changed (2 files: b.txt, c.txt)",
      "toolchain 0.5.0 → 0.7.0",
      "setting corpus.sources.notes.share 0.75 → 0.7",
      "setting validate.units 32 → 64",
    ]);
  });

  test("names sources that came and went, and the first of many files", () => {
    const many = Array.from({ length: 9 }, (_, i) => ({ path: `/n/${i}`, name: `${i}.txt` }));
    const [before, now] = [pinned(withSource({ files: many })), pinned(withSource({ files: many }), "x")];
    expect(told(before, now)).toContain("corpus notes changed (9 files: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt, …)");
    expect(told(pinned(), pinned(withSource({ id: "texts" })))).toEqual(
      expect.arrayContaining([
        "corpus notes is gone",
        "corpus texts was added",
        "setting corpus.sources.texts.share none → 0.75",
      ]),
    );
  });

  test("is told of more files than are listed, without names", () => {
    const many = Array.from({ length: 1001 }, (_, i) => ({ path: `/n/${i}`, name: `${i}.txt` }));
    const before = pinned(withSource({ files: many }));
    expect(before.sources["notes"]?.files).toBeNull();
    const line = told(before, pinned(withSource({ files: many }), "x")).find((text) => text.startsWith("corpus notes"));
    expect(line).toMatch(/^corpus notes [0-9a-f]{12}… → [0-9a-f]{12}…$/);
  });

  test("a manifest counts only once there is one", () => {
    const [a, b] = [sha256("a"), sha256("b")];
    expect(told({ ...pinned(), manifest: a }, pinned())).toEqual([]);
    expect(told({ ...pinned(), manifest: a }, { ...pinned(), manifest: b })).toHaveLength(1);
  });

  test("files may be called as parts of every object are", () => {
    const named = (name: string): Pins => pinned(withSource({ files: [{ path: "/n/1", name }] }));
    for (const name of ["constructor", "__proto__", "toString"]) {
      expect(told(named("a"), named(name))).toEqual([
        `corpus notes changed (2 files: ${[name, "a"].sort().join(", ")})`,
      ]);
      expect(parsePins(pinsText(named(name)))?.sources["notes"]?.digest).toBe(named(name).sources["notes"]?.digest);
    }
  });

  test("names and values cannot draw on the terminal", () => {
    const named = (name: string): Pins => pinned(withSource({ files: [{ path: "/n/1", name }] }));
    expect(told(named("a"), named("b\n\u001b[2J")).join("")).toContain(String.raw`b\n\x1b[2J`);
  });
});
