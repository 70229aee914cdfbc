import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runId, stepId, type Key } from "../../src/base/ids.ts";
import { listRuns, openJournal, readJournal, readLife, removeRun, type JournalLine } from "../../src/store/journal.ts";
import { identify } from "../../src/store/owner.ts";
import { openStore } from "./folder.ts";

const run = runId("2026-01-02T03-04-05-678Z-abcdef");
const lines: JournalLine[] = [
  { type: "run", owner: identify(process.pid), pipeline: "demo" },
  { type: "started", step: stepId("model"), key: "0".repeat(64) as Key },
  { type: "published", step: stepId("model"), key: "0".repeat(64) as Key },
];

describe("a journal", () => {
  test("gives back its lines in order, also after it was opened again", () => {
    const { layout } = openStore();
    const write = openJournal(layout, run);
    for (const line of lines) write(line);
    openJournal(layout, run)({ type: "ended" });
    expect(readJournal(layout, run)).toEqual([...lines, { type: "ended" }]);
  });

  test("loses a torn last line only, and not the one that is written after it", () => {
    const { layout } = openStore();
    const write = openJournal(layout, run);
    for (const line of lines) write(line);
    const whole = readFileSync(layout.journal(run), "utf8");
    for (const cut of [1, 40, 70, 100]) {
      const last = whole.lastIndexOf("\n", whole.length - 2) + 1;
      writeFileSync(layout.journal(run), whole.slice(0, last + cut));
      expect(readJournal(layout, run)).toEqual(lines.slice(0, 2));
      openJournal(layout, run)({ type: "ended" });
      expect(readJournal(layout, run)).toEqual([...lines.slice(0, 2), { type: "ended" }]);
    }
  });

  test("tells whose it is and whether it has ended, by whole lines only", () => {
    const { layout } = openStore();
    expect(readLife(layout, run)).toEqual({ owner: undefined, ended: false });
    const write = openJournal(layout, run);
    for (const line of lines) write(line);
    const [first] = lines;
    if (first?.type !== "run") throw new Error("the first line is not that of the run");
    expect(readLife(layout, run)).toEqual({ owner: first.owner, ended: false });
    appendFileSync(layout.journal(run), `${"0".repeat(64)}\t{"type":"ended"}\n`);
    expect(readLife(layout, run).ended).toBe(false);
    write({ type: "ended" });
    expect(readLife(layout, run)).toEqual({ owner: first.owner, ended: true });
  });

  test("is empty when there is none, and skips noise", () => {
    const { layout } = openStore();
    expect(readJournal(layout, run)).toEqual([]);
    openJournal(layout, run)({ type: "ended" });
    appendFileSync(layout.journal(run), "noise\0\n");
    expect(readJournal(layout, run)).toEqual([{ type: "ended" }]);
  });
});

test("listRuns gives the oldest run first, and removeRun forgets one run with its scratch", () => {
  const { layout } = openStore();
  const names = ["2026-02-01T00", "2025-12-31T23", "2026-01-01T00"].map(runId);
  for (const name of names) {
    openJournal(layout, name)({ type: "ended" });
    mkdirSync(layout.scratch(name, stepId("imatrix/notes")), { recursive: true });
    writeFileSync(join(layout.scratch(name, stepId("imatrix/notes")), "part"), "x");
  }
  expect(listRuns(layout)).toEqual([...names].sort());
  removeRun(layout, names[0]!);
  removeRun(layout, names[0]!);
  expect(listRuns(layout)).toEqual([names[1], names[2]]);
  expect(existsSync(layout.runScratch(names[0]!))).toBe(false);
  expect(existsSync(layout.runScratch(names[1]!))).toBe(true);
});
