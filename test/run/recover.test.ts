import { spawn } from "node:child_process";
import { existsSync, mkdirSync, utimesSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runId, stepId } from "../../src/base/ids.ts";
import { recover } from "../../src/run/recover.ts";
import { openJournal, readJournal } from "../../src/store/journal.ts";
import type { Layout } from "../../src/store/layout.ts";
import { identify } from "../../src/store/owner.ts";
import { openStore } from "../store/folder.ts";

const run = runId("2026-01-02T03-04-05-000Z-abcdef");
const sleeper = spawn("sleep", ["600"]);
afterEach(() => {
  sleeper.kill("SIGKILL");
});

/** A run of another container, with a tool that has the number of a process here. */
const foreignRun = (layout: Layout): void => {
  const elsewhere = (pid: number) => ({ ...identify(pid), host: "b7c1f0a2d3e4" });
  const journal = openJournal(layout, run);
  journal({ type: "run", owner: elsewhere(process.pid), pipeline: "medical" });
  journal({ type: "child", step: stepId("corpus"), child: elsewhere(sleeper.pid ?? 0) });
  mkdirSync(join(layout.runScratch(run), "corpus"), { recursive: true });
};

test("a run of another container is left alone while it gives signs of life, and cleaned up after a week of silence", async () => {
  const { layout } = openStore();
  foreignRun(layout);
  expect(recover(layout)).toEqual([]);
  expect(existsSync(layout.runScratch(run))).toBe(true);

  const longAgo = Date.now() / 1000 - 8 * 86_400;
  utimesSync(layout.journal(run), longAgo, longAgo);
  expect(recover(layout)).toEqual([run]);
  expect(existsSync(layout.runScratch(run))).toBe(false);
  expect(readJournal(layout, run).at(-1)).toEqual({ type: "ended" });

  // The process here that has the number of its tool is another one.
  sleeper.kill("SIGTERM");
  const [, signal] = (await once(sleeper, "exit")) as [number | null, string];
  expect(signal).toBe("SIGTERM");
});
