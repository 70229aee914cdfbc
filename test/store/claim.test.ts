import { rmSync, statSync, utimesSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runId } from "../../src/base/ids.ts";
import { claim, readClaims } from "../../src/store/claim.ts";
import { openJournal } from "../../src/store/journal.ts";
import { addAction, openRun } from "./fill.ts";
import { openStore } from "./folder.ts";

describe("a claim", () => {
  test("is in the journal, and renews the time of last use without touching the record", () => {
    const store = openStore();
    const action = addAction(store, "model", "a", 600);
    const path = store.layout.action(action.key);
    const before = statSync(path);
    expect(claim(store.layout, openRun(store, "r"), action)).toBe(true);
    expect(statSync(path).mtimeMs).toBeGreaterThan(before.mtimeMs + 500_000);
    expect(statSync(path).ino).toBe(before.ino);
    expect([...readClaims(store.layout, Date.now()).keys]).toEqual([action.key]);
  });

  test("fails when the record or an object went meanwhile, and not for an output that is not kept", () => {
    const store = openStore();
    const journal = openRun(store, "r");
    const action = addAction(store, "model", "a");
    const dropped = { ...action, outputs: { output: { ...action.outputs["output"]!, ephemeral: true as const } } };
    rmSync(store.layout.object(action.outputs["output"]!.digest));
    expect(claim(store.layout, journal, action)).toBe(false);
    expect(claim(store.layout, journal, dropped)).toBe(true);
    rmSync(store.layout.action(action.key));
    expect(claim(store.layout, journal, dropped)).toBe(false);
  });
});

describe("claims of runs", () => {
  test("count while the process is alive; a run that has ended publishes no more, and counts for an hour", () => {
    const store = openStore();
    const [dead, alive, ended] = ["dead", "alive", "ended"].map((name) => addAction(store, name, name));
    claim(store.layout, openRun(store, "dead", false), dead!);
    claim(store.layout, openRun(store, "alive"), alive!);
    const journal = openRun(store, "ended");
    claim(store.layout, journal, ended!);
    journal({ type: "ended" });
    const now = Date.now();
    const claims = readClaims(store.layout, now);
    expect([...claims.keys].sort()).toEqual([alive!.key, ended!.key].sort());
    expect(claims.publishing).toEqual(["alive"]);
    expect([...readClaims(store.layout, now + 3_700_000).keys]).toEqual([alive!.key]);
  });

  test("of another host count for a week after the last line", () => {
    const { layout } = openStore();
    const owner = { pid: 1, startTime: "1", boot: "b", host: "elsewhere", nonce: "n" };
    openJournal(layout, runId("r"))({ type: "run", owner, pipeline: "p" });
    const ago = (days: number): readonly string[] => {
      const time = new Date(Date.now() - days * 24 * 3_600_000);
      utimesSync(layout.journal(runId("r")), time, time);
      return readClaims(layout, Date.now()).publishing;
    };
    expect(ago(6)).toEqual(["r"]);
    expect(ago(8)).toEqual([]);
  });
});
