import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runId, type Key } from "../../src/base/ids.ts";
import { claim, type Claims } from "../../src/store/claim.ts";
import { collect, foreseeCollection, planCollection } from "../../src/store/collect.ts";
import { noteFinished, pinRun } from "../../src/store/kept.ts";
import { identify } from "../../src/store/owner.ts";
import type { CrashPoint } from "../../src/store/points.ts";
import { readLatest, readRecord, type ActionRecord } from "../../src/store/records.ts";
import { seal } from "../../src/store/seal.ts";
import { openTrash } from "../../src/store/trash.ts";
import { readUsage } from "../../src/store/usage.ts";
import { addAction, openRun } from "./fill.ts";
import { openStore, type Store } from "./folder.ts";

const objectOf = (store: Store, action: ActionRecord): string => store.layout.object(action.outputs["output"]!.digest);

const isThere = (store: Store, action: ActionRecord): boolean =>
  readRecord(store.layout, action.key) !== undefined && existsSync(objectOf(store, action));

/** Whether anything of it is left. */
const isGone = (store: Store, action: ActionRecord): boolean =>
  readRecord(store.layout, action.key) === undefined && !existsSync(objectOf(store, action));

/** Runs `work` with something that happens at a named point of it. */
const at = <T>(point: CrashPoint, happens: () => void, work: () => T): T => {
  let first = true;
  const listener = (message: unknown): void => {
    if (!first || (message as { readonly name: string }).name !== point) return;
    first = false;
    happens();
  };
  subscribe("pipeline:store", listener);
  try {
    return work();
  } finally {
    unsubscribe("pipeline:store", listener);
  }
};

const age = (path: string, hours: number): void => {
  const time = new Date(Date.now() - hours * 3_600_000);
  utimesSync(path, time, time);
};

describe("a collection", () => {
  test("takes the least recently used actions, and no more than it must", () => {
    const store = openStore();
    const [old, older, young] = [
      addAction(store, "old", "a".repeat(100), 10),
      addAction(store, "older", "b".repeat(100), 20),
      addAction(store, "young", "c".repeat(100), 5),
    ];
    const foreseen = foreseeCollection(store.layout, 250);
    expect(foreseen.plan.actions.map(({ step }) => step)).toEqual(["older"]);
    expect([old, older, young].every((action) => isThere(store, action))).toBe(true);
    const { plan, state } = collect(store.layout, 250);
    expect(plan).toMatchObject({ before: 300, after: 200 });
    expect(state).toEqual({ bytes: 200, actions: 2, collectable: 200 });
    expect(isGone(store, older)).toBe(true);
    expect(isThere(store, old) && isThere(store, young)).toBe(true);
    expect(readUsage(store.layout).bytes).toBe(200);
    expect(readdirSync(store.layout.trash)).toEqual([]);
    expect(readLatest(store.layout, "demo", older.step)).toBeUndefined();
  });

  test("does nothing below the limit, and nothing at all to an empty store", () => {
    const store = openStore();
    expect(collect(store.layout, 0).state).toEqual({ bytes: 0, actions: 0, collectable: 0 });
    const action = addAction(store, "a", "text", 99);
    expect(collect(store.layout, 4).plan.actions).toEqual([]);
    expect(collect(store.layout, Infinity).plan.actions).toEqual([]);
    expect(isThere(store, action)).toBe(true);
  });

  test("an object of several actions goes with the last of them, and counts once", () => {
    const store = openStore();
    const [first, second] = [addAction(store, "first", "shared", 20), addAction(store, "second", "shared", 10)];
    expect(readUsage(store.layout).bytes).toBe(6);
    noteFinished(store.layout, { pipeline: "demo", run: runId("r"), keys: { [second.step]: second.key } });
    const { plan } = collect(store.layout, 0);
    expect(plan).toMatchObject({ before: 6, after: 6, kept: 6 });
    expect(readRecord(store.layout, first.key)).toBeUndefined();
    expect(isThere(store, second)).toBe(true);
  });

  test("keeps what the newest finished runs, pins, and runs at work need", () => {
    const store = openStore();
    const [newest, pinned, claimed, rest] = ["newest", "pinned", "claimed", "rest"].map((name, index) =>
      addAction(store, name, name, index),
    ) as [ActionRecord, ActionRecord, ActionRecord, ActionRecord];
    const note = (action: ActionRecord): void =>
      noteFinished(store.layout, { pipeline: "demo", run: runId("r"), keys: { [action.step]: action.key } });
    note(pinned);
    pinRun(store.layout, "demo");
    note(newest);
    const journal = openRun(store, "work");
    claim(store.layout, journal, claimed);
    // While a run is at work, young objects stay: it may just have published the same bytes.
    collect(store.layout, 0);
    expect([newest, pinned, claimed].every((action) => isThere(store, action))).toBe(true);
    expect(readRecord(store.layout, rest.key)).toBeUndefined();
    expect(existsSync(objectOf(store, rest))).toBe(true);
  });

  test("leaves objects without a record alone for an hour", () => {
    const store = openStore();
    const object = store.layout.object(store.publish("mid-publish").digest);
    collect(store.layout, 0);
    expect(existsSync(object)).toBe(true);
    expect(foreseeCollection(store.layout, 0).plan.files).toEqual([]);
  });

  test("takes piped texts that no run can need, and quarantined files only after a week and for room", () => {
    const store = openStore();
    const { layout } = store;
    writeFileSync(join(layout.piped, "text"), "piped");
    writeFileSync(layout.quarantine("bad"), "bad");
    store.publish("lost");
    const usage = readUsage(layout);
    expect(usage.bytes).toBe(12);
    const idle: Claims = { keys: new Set(), publishing: [] };
    // The ctime of a file cannot be set, so the clock is moved instead.
    const taken = (hours: number, claims = idle, max = 0): string[] =>
      planCollection(usage, new Map(), claims, max, Date.now() + hours * 3_600_000).files.map(({ size }) => `${size}`);
    expect(taken(0.9)).toEqual([]);
    expect(taken(2)).toEqual(["4", "5"]);
    expect(taken(2, { ...idle, publishing: [runId("r")] })).toEqual(["4"]);
    expect(taken(7 * 24 + 1)).toEqual(["4", "5", "3"]);
    expect(taken(7 * 24 + 1, idle, 3)).toEqual(["4", "5"]);
  });
});

describe("a collection among runs", () => {
  test("puts a record back that a run has claimed meanwhile, and leaves its object where it is", () => {
    const store = openStore();
    const [claimed, other] = [addAction(store, "claimed", "text", 99), addAction(store, "other", "more", 98)];
    at(
      "records-trashed",
      () => openRun(store, "work")({ type: "hit", step: claimed.step, key: claimed.key }),
      () => collect(store.layout, 0),
    );
    expect(isThere(store, claimed)).toBe(true);
    expect(readRecord(store.layout, other.key)).toBeUndefined();
    expect(readdirSync(store.layout.trash)).toEqual([]);
  });

  test("a run that claims a record too late is told, and runs the step", () => {
    const store = openStore();
    const action = addAction(store, "a", "text", 99);
    let usable = true;
    at(
      "records-collected",
      () => {
        usable = claim(store.layout, openRun(store, "work"), action);
      },
      () => collect(store.layout, 0),
    );
    expect(usable).toBe(false);
  });

  test("an object that a run publishes again meanwhile stays", () => {
    const store = openStore();
    const action = addAction(store, "a", "text", 99);
    at(
      "records-collected",
      () => {
        openRun(store, "work")({ type: "started", step: action.step, key: "k" as Key });
        store.publish("text");
      },
      () => collect(store.layout, 0),
    );
    expect(readRecord(store.layout, action.key)).toBeUndefined();
    expect(readFileSync(objectOf(store, action), "utf8")).toBe("text");
  });

  test("an object that a run publishes while it lies in the trash stays", () => {
    const store = openStore();
    const action = addAction(store, "a", "text", 99);
    at(
      "object-trashed",
      () => store.publish("text"),
      () => collect(store.layout, 0),
    );
    expect(readFileSync(objectOf(store, action), "utf8")).toBe("text");
    expect(readdirSync(store.layout.trash)).toEqual([]);
  });

  test("two never work at once: the second does nothing and says so", () => {
    const store = openStore();
    const action = addAction(store, "a", "text", 99);
    const first = openTrash(store.layout)!;
    const second = collect(store.layout, 0);
    expect(second).toMatchObject({ busy: true, plan: { actions: [] }, state: { bytes: 4, actions: 1 } });
    expect(isThere(store, action)).toBe(true);
    first.close();
    expect(collect(store.layout, 0).busy).toBe(false);
    expect(isGone(store, action)).toBe(true);
  });

  test("what a killed collection left in its trash is put back, unless something newer is there", () => {
    const store = openStore();
    const { layout } = store;
    const [lost, renewed] = [addAction(store, "lost", "one"), addAction(store, "renewed", "two")];
    const dead = join(layout.trash, "dead");
    mkdirSync(dead);
    writeFileSync(join(dead, "owner"), seal({ ...identify(process.pid), startTime: "1" }));
    for (const { key, outputs } of [lost, renewed]) {
      renameSync(layout.action(key), join(dead, `action-${key}`));
      renameSync(layout.object(outputs["output"]!.digest), join(dead, `object-${outputs["output"]!.digest}`));
    }
    addAction(store, "renewed", "two");
    openTrash(layout)!.close();
    expect(isThere(store, lost) && isThere(store, renewed)).toBe(true);
    expect(readdirSync(layout.trash)).toEqual([]);
  });

  test("a folder without an owner belongs to one that is just beginning, for a minute", () => {
    const store = openStore();
    const folder = join(store.layout.trash, "x");
    mkdirSync(folder);
    expect(openTrash(store.layout)).toBeUndefined();
    age(folder, 1);
    expect(openTrash(store.layout)).toBeDefined();
    rmSync(store.folder, { recursive: true });
  });
});
